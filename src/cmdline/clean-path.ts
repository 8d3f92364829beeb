import type { Refusal } from './refusal.ts'

/**
 * A path with single slashes, no `.` and no slash at its end; empty when nothing is left. Whether it is
 * absolute stays as it was. One that climbs (`..`), and control characters, are refused.
 */
export function cleanPath(text: string): string | Refusal {
  if (/\p{Cc}/u.test(text)) return { why: `the path '${text}' has a control character in it` }
  const parts = text.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) return { why: `the path '${text}' climbs with '..'` }
  const path = parts.join('/')
  return text.startsWith('/') && path !== '' ? `/${path}` : path
}
