/** Below /run/initramfs, which systemd never unmounts at shutdown (mount_is_extrinsic): that is our hook's work. */
const RUN = '/run/initramfs'

/** Where the persistence device is mounted; dracut's name for it, and never hidden. */
export const HOLDER_FOLDER = `${RUN}/overlayfs`
/** The tmpfs that holds a store in RAM, or an upper layer in RAM. */
export const RAM_FOLDER = `${RUN}/holdfast-ram`
/** The base of an OverlayFS root. */
export const LOWER_FOLDER = `${RUN}/rootfsbase`
/** A file system image on the persistence device that holds the layers of an OverlayFS root. */
export const IMAGE_FOLDER = `${RUN}/overlay-image`
/** The live medium, where others look for it. */
export const MEDIUM_FOLDER = `${RUN}/live`
/** The mounted squashfs or EROFS image of a live medium. */
export const SQUASH_FOLDER = `${RUN}/squashfs`
/** A tmpfs with the image that rd.live.ram copied. */
export const RAM_IMAGE_FOLDER = `${RUN}/holdfast-image`
/** Asks dracut for its shutdown stage, as dracut's own need_shutdown does. */
export const NEED_SHUTDOWN_FILE = `${RUN}/.need_shutdown`
export const RECORD_FOLDER = '/run/holdfast'
export const RECORD_FILE = `${RECORD_FOLDER}/boot.json`
/** How it stands with the store, by the monitor. */
export const STORE_FILE = `${RECORD_FOLDER}/store.json`
export const MOTD_FOLDER = '/run/motd.d'
export const MOTD_FILE = `${MOTD_FOLDER}/holdfast`
/** A file of its own: the other one is the monitor's to remove. */
export const STATELESS_MOTD_FILE = `${MOTD_FOLDER}/holdfast-stateless`
/** Where a device is mounted while it is searched for an ISO (iso-scan/filename=); it stays if it has it. */
export const ISO_SCAN_FOLDER = `${RUN}/isoscan`
/** Tells dracut's initqueue that the live root is mounted. */
export const LIVE_MARK_FILE = `${RECORD_FOLDER}/live`
/** What the kernel command line has that was not understood has been said while the live medium was waited for. */
export const CONFIG_SAID_FILE = `${RECORD_FOLDER}/config-said`
/** Where what is listed in rwtab lies; RW_MOUNT is a second name of it. */
export const SCRATCH_FOLDER = `${RUN}/holdfast-scratch`
/** Where what is listed in statetab lies; STATE_MOUNT is a second name of it. */
export const STATE_FOLDER = `${RUN}/holdfast-state`
/** What the kernel shows as the source of the OverlayFS on a folder with kept files. */
export const FILES_SOURCE = 'holdfast-files'
/** Every folder that we mount at and that has to be unmounted at shutdown. */
export const OUR_FOLDERS = [
  HOLDER_FOLDER,
  RAM_FOLDER,
  LOWER_FOLDER,
  IMAGE_FOLDER,
  SQUASH_FOLDER,
  MEDIUM_FOLDER,
  RAM_IMAGE_FOLDER,
  ISO_SCAN_FOLDER,
  SCRATCH_FOLDER,
  STATE_FOLDER,
]
