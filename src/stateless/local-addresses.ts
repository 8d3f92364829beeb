/**
 * The IPv4 addresses of this machine in the text of /proc/net/fib_trie, but for those of the loopback device: a leaf of the
 * kernel's routes is one of them when it is a host of its own, marked LOCAL (net/ipv4/fib_trie.c).
 */
export function parseLocalAddresses(text: string): string[] {
  const found = new Set<string>()
  let leaf: string | undefined
  for (const line of text.split('\n')) {
    leaf = /^\s*\|-- ([\d.]+)$/.exec(line)?.[1] ?? leaf
    if (leaf === undefined || leaf.startsWith('127.')) continue
    if (/^\s*\/32 host LOCAL$/.test(line)) found.add(leaf)
  }
  return [...found]
}
