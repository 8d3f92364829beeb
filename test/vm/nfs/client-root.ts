import { SERVER } from './nfs-server.ts'

/** What makes of a root a client whose state the server keeps, in the folder of its name. */
export const CLIENT_ROOT = {
  '/etc/sysconfig/readonly-root': `READONLY=yes\nCLIENTSTATE=${SERVER}:/exp\n`,
  '/etc/statetab': '/srv/kept\n',
  '/etc/hostname': 'client7\n',
  '/srv/kept/text': 'image',
}
