import type { Namespace } from './namespace.ts'
import type { XattrCall } from './tree.ts'

/** Gives files below a folder of the namespace their extended attributes. */
export function setXattrs(namespace: Namespace, folder: string, calls: readonly XattrCall[]): void {
  for (const [path, name, value] of calls) {
    namespace.sh('setfattr -n "$1" -v "$2" "$3"', name, `0x${value}`, `${folder}${path}`)
  }
}

/** All extended attributes of a file of the namespace, their values in hexadecimal. */
export function readXattrs(namespace: Namespace, path: string): Record<string, string> {
  const text = namespace.sh('getfattr --absolute-names -h -d -m - -e hex "$1"', path)
  return Object.fromEntries(
    [...text.matchAll(/^([\w.]+)=0x([0-9a-f]*)$/gm)].map(([, name, value]) => [name!, value!]),
  )
}

/** A POSIX ACL (acl(5), linux/posix_acl_xattr.h): user::rw- user:<uid>:<rights> group::r-- mask::rw- other::r-- */
export function accessList(uid: number, rights: number): string {
  const entry = (tag: number, permissions: number, id: number) => {
    const bytes = Buffer.alloc(8)
    bytes.writeUInt16LE(tag, 0)
    bytes.writeUInt16LE(permissions, 2)
    bytes.writeUInt32LE(id, 4)
    return bytes.toString('hex')
  }
  const none = 0xffffffff
  const entries = [
    entry(0x01, 6, none),
    entry(0x02, rights, uid),
    entry(0x04, 4, none),
    entry(0x10, 6, none),
    entry(0x20, 4, none),
  ]
  return `02000000${entries.join('')}`
}
