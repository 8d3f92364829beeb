/** Where the state device, mounted at `state`, has what belongs to its kept files. */
export interface FilesPlaces {
  /** Mode 0700: what lies below is of no use to anybody else. */
  readonly folder: string
  readonly record: string
  /** The upper layers of all folders, laid out as in the root. */
  readonly layer: string
  /** OverlayFS wants a folder of its own for each of its mounts. */
  readonly work: string
  /** What was changed in two places: the version that is not in use any more. */
  readonly aside: string
}

/** The places below the folder where the state device is mounted. */
export function filesPlaces(state: string): FilesPlaces {
  const folder = `${state}/.holdfast`
  return {
    folder,
    record: `${folder}/files.json`,
    layer: `${folder}/upper`,
    work: `${folder}/work`,
    aside: `${folder}/aside`,
  }
}
