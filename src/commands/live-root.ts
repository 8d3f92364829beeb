import { RefusedError } from '../errors.ts'
import { type Image, imagesInCompressed, imagesOnMedium, proofOf } from '../live/image.ts'
import {
  type Medium,
  planBase,
  planCompressed,
  planCopyToRam,
  planMedium,
} from '../live/plan-live.ts'
import { attempt } from '../machine/attempt.ts'
import { locate } from '../machine/locate.ts'
import { SQUASH_FOLDER } from '../machine/places.ts'
import { probeContent } from '../machine/probe.ts'
import { findIso } from './iso-scan.ts'
import type { LiveContext } from './live-context.ts'

/**
 * Finds the medium, goes down to the root's image and mounts it read-only at $NEWROOT. False when the medium
 * is not there yet; throws an ExpectedError when it is there and holds no root.
 */
export function mountLiveRoot(context: LiveContext): boolean {
  const { config, facts, root, runner, newRoot } = context
  const medium = findMedium(context)
  if (medium === undefined) return false
  const { plan, folder } = planMedium(config, facts, medium)
  runner.run(plan)
  const outer =
    folder === undefined
      ? wholeMedium(medium)
      : choose(context, folder, imagesOnMedium(root, folder))
  const image = enter(context, root.copyToRam ? copyToRam(context, outer) : outer)
  const type = 'file' in image ? typeOf(context, image) : undefined
  runner.run(planBase(newRoot, image, { type }, medium))
  return true
}

function findMedium(context: LiveContext): Medium | undefined {
  const { facts, root, system } = context
  if (root.isoFile !== undefined) return isoMedium(findIso(context, root.isoFile))
  if (root.medium.kind === 'file') return isoMedium(root.medium.path)
  const device = locate(facts, root.medium)
  if (device === undefined) return undefined
  const type = (device.content ?? (isHere(context) ? probeContent(system, device.node) : undefined))
    ?.type
  return { device, isoFile: undefined, type }
}

function isoMedium(isoFile: string | undefined): Medium | undefined {
  return isoFile === undefined ? undefined : { device: undefined, isoFile, type: 'iso9660' }
}

function wholeMedium({ device }: Medium): Image {
  return { kind: 'compressed', source: device?.node ?? { loop: 'medium' } }
}

/** The first of the images that is there. A dry run that cannot look takes the usual one, and says so. */
function choose(context: LiveContext, folder: string, images: readonly Image[]): Image {
  if (!canLook(context, folder)) {
    const reasons = [`what ${folder} holds is not known before it is mounted: taken for the usual`]
    context.runner.run({ reasons, steps: [] })
    return images[0] as Image
  }
  const found = images.find((image) => context.system.exists(proofOf(image)))
  if (found !== undefined) return found
  throw new RefusedError(
    `there is no root image on the medium ${context.root.text}`,
    `Looked for ${images.map(proofOf).join(', ')} (rd.live.dir=, rd.live.squashimg=).`,
  )
}

function copyToRam(context: LiveContext, image: Image): Image {
  if (!('file' in image)) return image
  const { plan, file } = planCopyToRam(context.facts, image.file, sizeOf(context, image.file))
  context.runner.run(plan)
  return { ...image, file }
}

/** From a compressed image to the root image inside; any other stays what it is. */
function enter(context: LiveContext, image: Image): Image {
  if (image.kind !== 'compressed') return image
  context.runner.run(planCompressed(image, typeOf(context, image)))
  return choose(context, SQUASH_FOLDER, imagesInCompressed(SQUASH_FOLDER))
}

function typeOf(context: LiveContext, image: Image): string | undefined {
  return 'file' in image && !context.runner.dry
    ? probeContent(context.system, image.file)?.type
    : undefined
}

/** A dry run that cannot look takes it for one that fits. */
function sizeOf(context: LiveContext, file: string): number {
  const { system, runner } = context
  if (!isHere(context)) return 0
  return attempt(() => system.stat(file).bytes, runner.dry ? 0 : Number.NaN)
}

function canLook(context: LiveContext, folder: string): boolean {
  if (!context.runner.dry) return true
  return isHere(context) && context.facts.mounts.some((mount) => mount.mountPoint === folder)
}

function isHere(context: LiveContext): boolean {
  return context.givenFacts === undefined
}
