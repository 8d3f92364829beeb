import { DEGRADED } from '../errors.ts'
import { probeMachine, probeNewRoot } from '../machine/probe.ts'
import type { System } from '../machine/system.ts'
import { formatJson } from '../printable.ts'
import { jsonStateless } from '../stateless/format-stateless-status.ts'
import { formatStatus } from '../status/format-status.ts'
import { probeStatus, type Status } from '../status/probe-status.ts'
import type { Args, Command } from './command.ts'

export const status: Command = {
  name: 'status',
  summary: 'Say whether the root keeps its changes, where, and how full the store is',
  options: {
    json: { kind: 'flag', summary: 'The same facts as JSON; the keys are in holdfast(8)' },
  },
  examples: [
    ['holdfast status', 'for people'],
    ['holdfast status --json', 'for programs'],
  ],
  run: runStatus,
}

function runStatus(system: System, args: Args): number {
  const found = probeStatus(system, probeMachine(system, probeNewRoot(system)))
  const text = args.flag('json') ? formatJson(jsonStatus(found)) : formatStatus(found).join('\n')
  system.print('stdout', `${text}\n`)
  return isDegraded(found) ? DEGRADED : 0
}

function isDegraded({ record, snapshot, detached }: Status): boolean {
  const state = snapshot?.state.kind
  if (record?.stateless?.why !== undefined || detached.length > 0) return true
  return record?.why !== undefined || state === 'invalid' || state === 'overflow'
}

/** Stable keys, units in the names. */
function jsonStatus(found: Status): Record<string, unknown> {
  const { record, rootMount, snapshot, watch, detached } = found
  const active = snapshot?.state.kind === 'active' ? snapshot.state : undefined
  return {
    mode: record?.mode ?? 'untouched',
    technology: record?.technology ?? 'none',
    asked: record?.asked,
    why: record?.why,
    root: rootMount && {
      source: rootMount.source,
      type: rootMount.fsType,
      options: rootMount.options,
    },
    base: snapshot?.origin && {
      device: snapshot.origin.node,
      sectors: snapshot.origin.sectors,
    },
    store: snapshot && {
      name: record?.store,
      state: snapshot.state.kind,
      file: snapshot.cow?.loop?.backingFile,
      usedBytes: active && active.usedSectors * 512,
      totalBytes: active && active.totalSectors * 512,
      chunkSectors: snapshot.chunkSectors,
      holderFreeBytes: snapshot.holderFreeBytes,
    },
    monitor: watch && {
      level: watch.level,
      growths: watch.growths,
      sinceSeconds: watch.sinceSeconds,
    },
    stateless: record?.stateless && jsonStateless(record.stateless, detached),
  }
}
