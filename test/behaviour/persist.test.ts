import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { behaviour, callBoth } from './executables.ts'
import { callUntouched } from './untouched.ts'

const test = behaviour('persist, unpersist and list, with a state file system of their own')

const PATH = process.env['PATH'] ?? ''
const STATE = '/run/initramfs/holdfast-state'

/** A state file system and some files that nobody else sees: they end with the shell. $T is their folder. */
const SETUP = `
cd /; rm -rf "$T"/*
mount -t tmpfs run /run; mkdir -p ${STATE}; S=${STATE}
mount -t tmpfs state $S
umask 022
mkdir -p "$T/dir/sub" "$T/other"; echo one > "$T/dir/sub/file"; chmod 750 "$T/dir"
echo image > "$T/file"; chmod 640 "$T/file"; chown 12:34 "$T/file"; touch -d '2020-01-02 03:04:05Z' "$T/file" "$T/dir"
ln -s file "$T/link"
H=$0; holdfast() { "$H" "$@" 2>&1 || echo "status $?"; }
`

/** What such a script prints, the same for both executables; its folder is written as $T. */
function inTree(script: string): string[] {
  const folder = realpathSync(mkdtempSync('/var/tmp/behaviour-'))
  try {
    const all = `${SETUP}${script}`.replaceAll("'", `'\\''`)
    const { status, stdout, stderr } = callBoth({
      argv: [],
      script: `T=${folder} exec unshare --mount /bin/sh -ec '${all}' "$0"`,
      env: { PATH },
    })
    assert.equal([status, stderr], [0, ''])
    return stdout.replaceAll(folder, '$T').trimEnd().split('\n')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** user::rw-, user:7:r--, group::r--, mask::r--, other::r-- as the kernel has it (linux/posix_acl_xattr.h). */
const ACL =
  '0x0200000001000600ffffffff020004000700000004000400ffffffff10000400ffffffff20000400ffffffff'

const EBUSY = 'until the next boot it is a mount: programs that rename over it fail with EBUSY'

test('a file and a folder are kept at once, with owner, mode, times, attributes and lists', () => {
  const said = inTree(`
    setfattr -n trusted.note -v hello "$T/file"; setfattr -n system.posix_acl_access -v ${ACL} "$T/dir/sub/file"
    holdfast persist "$T/file" "$T/dir"
    stat -c '%n %a %u:%g %Y' $S$T/file $S$T/dir
    getfattr --absolute-names --only-values -n trusted.note $S$T/file; echo
    getfattr --absolute-names -e hex -n system.posix_acl_access $S$T/dir/sub/file | grep =
    echo changed > "$T/dir/sub/file"; echo changed >> "$T/file"
    cat $S$T/dir/sub/file $S$T/file $S/files; ls -A $S`)
  assert.equal(said, [
    'holdfast: $T/dir is kept on state from now on',
    `holdfast: $T/file is kept on state from now on; ${EBUSY}`,
    `${STATE}$T/file 640 12:34 1577934245`,
    `${STATE}$T/dir 750 0:0 1577934245`,
    'hello',
    `system.posix_acl_access=${ACL}`,
    ...['changed', 'image', 'changed', '$T/dir', '$T/file', 'files', 'var'],
  ])
})

test('27: what is kept already is said, and nothing is done', () => {
  const said = inTree(`
    holdfast persist "$T/file" "$T/dir" "$T/link" > /dev/null
    before=$(cat /proc/self/mountinfo; ls -lRi --time-style=full-iso $S)
    holdfast persist "$T/dir/../file" "$T/dir" "$T/link"
    holdfast persist --dry-run "$T/file"
    [ "$before" = "$(cat /proc/self/mountinfo; ls -lRi --time-style=full-iso $S)" ] && echo untouched`)
  assert.equal(said, [
    'holdfast: $T/dir is already persisted (files:1)',
    'holdfast: $T/file is already persisted (files:2)',
    'holdfast: $T/link is already persisted (files:3)',
    '# $T/file is already persisted (files:2)',
    'untouched',
  ])
})

test('a file whose mount was lost is persisted anew, with what is there now', () => {
  const said = inTree(`
    holdfast persist "$T/file" > /dev/null
    umount "$T/file"; echo edited > "$T/file"
    holdfast list | tr -s ' '; holdfast persist "$T/file"; cat $S$T/file $S/files`)
  assert.equal(said, [
    'not kept $T/file file what is seen there is not what is kept; files:1',
    `holdfast: $T/file is kept on state from now on; it was listed: what is kept is what is there now; ${EBUSY}`,
    ...['edited', '$T/file'],
  ])
})

test('a folder whose mount was lost is not written over: what is kept may be newer', () => {
  const said = inTree(`
    holdfast persist "$T/dir" > /dev/null; umount "$T/dir"; holdfast persist "$T/dir"`)
  assert.equal(said, [
    "holdfast: refused: '$T/dir': listed (files:1), but what is seen there is not what is kept",
    '          The next boot shows what is kept; to keep what is there now: unpersist it, and persist it again.',
    'status 3',
  ])
})

test('27: a link is kept as what it says, and no mount is made', () => {
  const said = inTree(`
    holdfast persist "$T/link"; readlink $S$T/link; grep -c " $T/link " /proc/self/mountinfo || true
    ln -sfn dir "$T/link"; holdfast list | tr -s ' '; holdfast persist "$T/link"; readlink $S$T/link
    holdfast list | tr -s ' '
    holdfast unpersist "$T/link"; readlink "$T/link"; ls -A $S; wc -c < $S/files`)
  assert.equal(said, [
    'holdfast: $T/link is kept on state from now on',
    ...['file', '0'],
    'not kept $T/link symlink what is seen there is not what is kept; files:1',
    'holdfast: $T/link is kept on state from now on; it was listed: what is kept is what is there now',
    'dir',
    'kept $T/link symlink state, link; files:1',
    "holdfast: $T/link is not kept any more: it stays until the next boot, which shows the image's own",
    ...['dir', 'files', '0'],
  ])
})

test('27: a folder takes over what is kept in it; what lies in a kept folder is refused as kept already', () => {
  const said = inTree(`
    holdfast persist "$T/dir/sub" > /dev/null; echo newer > "$T/dir/sub/file"; echo beside > "$T/dir/beside"
    holdfast persist "$T/dir"
    cat "$T/dir/sub/file" $S$T/dir/beside $S/files; grep -c "$T/dir" /proc/self/mountinfo
    holdfast persist "$T/dir/sub"
    holdfast unpersist "$T/dir/sub"`)
  assert.equal(said, [
    'holdfast: $T/dir is kept on state from now on; $T/dir/sub is kept with it',
    ...['newer', 'beside', '$T/dir', '1'],
    "holdfast: refused: '$T/dir/sub': kept already with $T/dir (files:1)",
    '          Nothing is to do.',
    'status 3',
    "holdfast: refused: '$T/dir/sub': kept with $T/dir (files:1)",
    "          It can be unpersisted with all of it alone: holdfast unpersist '$T/dir'",
    'status 3',
  ])
})

test('a folder and what lies in it are one wish', () => {
  const said = inTree(`holdfast persist "$T/dir/sub/file" "$T/dir"; cat $S/files`)
  assert.equal(said, ['holdfast: $T/dir is kept on state from now on', '$T/dir'])
})

test('27: what is unpersisted stays as it is until the next boot; its folders on the device go when they are empty', () => {
  const said = inTree(`
    holdfast persist "$T/file" "$T/dir" > /dev/null; echo kept > "$T/file"
    exec 3>> "$T/dir/sub/file"
    holdfast unpersist "$T/file" "$T/dir" "$T/other"
    echo "still here" >&3; cat "$T/file" "$T/dir/sub/file"
    ls -A $S; cat $S/files; holdfast list; holdfast which "$T/file" | tr -s ' '`)
  const words = "is not kept any more: it stays until the next boot, which shows the image's own"
  assert.equal(said, [
    'holdfast: $T/other is not persisted',
    `holdfast: $T/file ${words}`,
    `holdfast: $T/dir ${words}`,
    ...['kept', 'one', 'still here', '.holdfast-dropped', 'files'],
    "lost $T/file $T/file was unpersisted: the next boot shows the image's own; a bind-mounted file: it cannot be renamed over",
    'status 4',
  ])
})

test('what was unpersisted can be persisted again before the next boot, as it is by then', () => {
  const said = inTree(`
    holdfast persist "$T/dir" > /dev/null; holdfast unpersist "$T/dir" > /dev/null; echo late > "$T/dir/sub/file"
    holdfast persist "$T/dir"; cat $S$T/dir/sub/file $S/files; ls $S/.holdfast-dropped
    holdfast list | tr -s ' '`)
  assert.equal(said, [
    'holdfast: $T/dir is kept on state from now on',
    ...['late', '$T/dir', 'kept $T/dir directory state; files:1'],
  ])
})

test('27: the line that goes is that of the path alone, and comments stay', () => {
  const said = inTree(`
    echo x > "$T/file2"; holdfast persist "$T/file" "$T/file2" > /dev/null
    { echo '# mine'; cat $S/files; } > /run/list; cp /run/list $S/files
    holdfast unpersist "$T/file" > /dev/null; cat $S/files`)
  assert.equal(said, ['# mine', '$T/file2'])
})

test('27: what cannot be kept is refused, each with its reason, and nothing is changed', () => {
  const said = inTree(`
    mkfifo "$T/fifo"; mkdir "$T/a #b" "$T/deep"; mount -t tmpfs m "$T/deep"
    mkdir "$T/state2"; mount --bind $S "$T/state2"; mkdir "$T/state2/x"
    nl=$(printf 'a\\nb'); mkdir "$T/$nl"
    before=$(ls -lRi --time-style=full-iso $S; cat /proc/self/mountinfo)
    for path in / /proc/self /run/x "$T/fifo" "$T/none" "$T/a #b" "$T/$nl" $S "$T/state2/x" "$T"; do
      holdfast persist "$path" | head -n 1
    done
    holdfast persist "$T/file" "$T/none" | head -n 1
    [ "$before" = "$(ls -lRi --time-style=full-iso $S; cat /proc/self/mountinfo)" ] && echo untouched`)
  const refused = (path: string, why: string) => `holdfast: refused: '${path}': ${why}`
  assert.equal(said, [
    refused('/', 'the root itself cannot be listed'),
    refused('/proc/self', 'another file system is mounted there in every boot'),
    refused('/run/x', 'another file system is mounted there in every boot'),
    refused('$T/fifo', 'it is a fifo'),
    refused('$T/none', 'nothing is there'),
    refused('$T/a #b', 'the list, a line a path, cannot hold such a name'),
    refused('$T/a\\nb', 'the list, a line a path, cannot hold such a name'),
    refused(STATE, 'another file system is mounted there in every boot'),
    refused('$T/state2/x', 'it is, or holds, the state file system itself'),
    refused('$T', 'it is, or holds, the state file system itself'),
    refused('$T/none', 'nothing is there'),
    'untouched',
  ])
})

test('a dry run prints the plan as a script that does it, and changes nothing', () => {
  const said = inTree(`
    before=$(ls -lRi --time-style=full-iso $S; cat /proc/self/mountinfo)
    holdfast persist --dry-run "$T/file" "$T/dir" > /run/script
    [ "$before" = "$(ls -lRi --time-style=full-iso $S; cat /proc/self/mountinfo)" ] && echo untouched
    sh -e /run/script; holdfast list | tr -s ' '
    holdfast unpersist --dry-run "$T/dir" "$T/file" > /run/script; sh -e /run/script
    cat $S/files "$T/file"; ls -A $S`)
  assert.equal(said, [
    'untouched',
    'kept $T/dir directory state; files:1',
    'kept $T/file file state; files:2',
    ...['image', '.holdfast-dropped', 'files'],
  ])
})

test('list --json has its keys, whole and stable', () => {
  const said = inTree(`holdfast persist "$T/file" > /dev/null; holdfast list --json`)
  assert.equal(JSON.parse(said.join('\n')), {
    device: 'state',
    mountPoint: STATE,
    type: 'tmpfs',
    paths: [
      {
        path: '$T/file',
        realPath: '$T/file',
        kind: 'file',
        status: 'kept',
        by: 'bind',
        coveredBy: null,
        list: 'files',
        line: 1,
      },
    ],
    remarks: [],
  })
})

test('list remarks on lines of the lists that are not understood, and is not stopped by them', () => {
  const said = inTree(`
    mkdir -p "$T/etc/rwtab.d" "$T/etc/statetab.d"
    printf 'files /srv/a\\nfile /srv/b\\n' > "$T/etc/rwtab.d/mine"
    printf 'srv/c\\ndirs /srv/d\\n/srv/../e\\n' > "$T/etc/statetab.d/mine"
    mount -t overlay -o "lowerdir=$T/etc:/etc" etc /etc
    echo "$T/file" > $S/files; echo 'kept/too' >> $S/files
    holdfast list | grep -v '^missing'; holdfast list --json`)
  const notListed = [
    "/etc/statetab.d/mine:1: 'srv/c' is not an absolute path, ignored",
    "/etc/statetab.d/mine:2: 'dirs' is a word of rwtab: deprecated here, ignored",
    "/etc/statetab.d/mine:3: the path '/srv/../e' climbs with '..', ignored",
    "files:2: 'kept/too' is not an absolute path, ignored",
    "/etc/rwtab.d/mine:2: 'file' is none of empty, dirs and files: the line is taken for a comment",
  ]
  assert.equal(
    said.slice(0, 5),
    notListed.map((line) => `holdfast: ${line}`),
  )
  const { paths, remarks } = JSON.parse(said.slice(5).join('\n'))
  assert.equal(
    paths.map(({ path }: { path: string }) => path),
    ['/srv/d', '$T/file'],
  )
  assert.equal(
    remarks.map(({ list, line, text }: Record<string, string>) => `${list}:${line}: ${text}`),
    notListed,
  )
})

test('what is mounted by others is not hidden; a path on a tmpfs is said to be hidden by it', () => {
  const said = inTree(`
    mkdir "$T/dir/mnt"; mount -t tmpfs m "$T/dir/mnt"; echo x > "$T/dir/mnt/x"
    holdfast persist "$T/dir"; holdfast persist "$T/dir/mnt/x"`)
  assert.equal(said, [
    "holdfast: refused: '$T/dir': $T/dir/mnt is mounted below it and would be hidden",
    '          Persist the folders beside it, one by one.',
    'status 3',
    `holdfast: $T/dir/mnt/x is kept on state from now on; $T/dir/mnt is a tmpfs: if it is mounted anew at boot, it hides what is kept; ${EBUSY}`,
  ])
})

test('what scratch has below a folder that becomes kept is seen there as before', () => {
  const said = inTree(`
    mkdir -p /run/initramfs/holdfast-scratch; mount -t tmpfs scratch /run/initramfs/holdfast-scratch
    R=/run/initramfs/holdfast-scratch$T/dir/sub; mkdir -p "$R"; mount --bind "$R" "$T/dir/sub"; echo ram > "$T/dir/sub/file"
    holdfast persist "$T/dir"; echo later > "$T/dir/sub/file"; cat "$R/file" $S$T/dir/sub/file
    holdfast which "$T/dir/x" "$T/dir/sub/x" | cut -d ' ' -f 1`)
  assert.equal(said, [
    'holdfast: $T/dir is kept on state from now on',
    ...['later', 'ram', 'lost', 'lost', 'status'],
  ])
})

/** $T/dir as a boot of ours leaves it where files in it are kept, of which there are none yet. */
const OVERLAY = `
  mkdir -p "$S/.holdfast/upper$T/dir" $S/.holdfast/work/0
  mount -t overlay -o "lowerdir=$T/dir,upperdir=$S/.holdfast/upper$T/dir,workdir=$S/.holdfast/work/0" holdfast-files "$T/dir"
  record() { sed 's/"was":{[^}]*}/was/g' $S/.holdfast/files.json; }
  echo '{"version":1,"folders":[{"folder":"'$T'/dir","files":[]}],"deleted":[]}' > $S/.holdfast/files.json
  echo two > "$T/dir/two"; echo other > "$T/dir/other"
`

test('a file in a folder with an upper layer is no mount point: it is recorded, and can be renamed over', () => {
  const said = inTree(`${OVERLAY}
    holdfast persist "$T/dir/two" "$T/dir/sub/file"; cat $S/files
    record; ls "$S/.holdfast/upper$T/dir/sub"; mount | grep -c "$T"
    sed -i s/two/2/ "$T/dir/two"; cat "$T/dir/two"
    holdfast list | tr -s ' '
    holdfast which "$T/dir/two" "$T/dir/other" | tr -s ' '
    holdfast lost | grep -o "$T.*" | tr -s ' '`)
  const file = (path: string) => `{"path":"${path}","kept":"${path}","linked":false,was}`
  const files = ['$T/dir/sub/file', '$T/dir/two'].map(file)
  assert.equal(said, [
    'holdfast: $T/dir/sub/file is kept on state from now on',
    'holdfast: $T/dir/two is kept on state from now on',
    ...['$T/dir/sub/file', '$T/dir/two'],
    `{"version":1,"folders":[{"folder":"$T/dir","files":[${files.join()}]}],"deleted":[]}`,
    ...['file', '1', '2'],
    'kept $T/dir/sub/file file state, overlay; files:1',
    'kept $T/dir/two file state, overlay; files:2',
    'lost $T/dir/two the upper layer of the overlay at $T/dir is in RAM',
    'lost $T/dir/other the upper layer of the overlay at $T/dir is in RAM',
    'status 4',
    '$T/dir/other the upper layer of the overlay at $T/dir is in RAM',
  ])
})

test('who is not root is not told that it is not kept', () => {
  const said = inTree(`${OVERLAY}
    holdfast persist "$T/dir/two" > /dev/null; chmod 700 $S/.holdfast; chmod 755 "$T" "$T/dir"
    cp "$H" /run/holdfast-here
    setpriv --reuid 65534 --clear-groups /run/holdfast-here list | tr -s ' '; holdfast list | tr -s ' '`)
  assert.equal(said, [
    'unclear $T/dir/two file only root can see whether it is kept; files:1',
    'kept $T/dir/two file state, overlay; files:1',
  ])
})

test('what is unpersisted there goes from the record; a folder that becomes kept takes what is there now', () => {
  const said = inTree(`${OVERLAY}
    holdfast persist "$T/dir/two" "$T/dir/sub/file" > /dev/null
    holdfast unpersist "$T/dir/two" > /dev/null; record; cat "$T/dir/two"
    echo newer > "$T/dir/sub/file"
    holdfast persist "$T/dir"; record; cat $S/files $S$T/dir/sub/file $S$T/dir/two; echo last > "$T/dir/sub/file"
    cat $S$T/dir/sub/file`)
  const file = '{"path":"$T/dir/sub/file","kept":"$T/dir/sub/file","linked":false,was}'
  const record = (files: string) =>
    `{"version":1,"folders":[{"folder":"$T/dir","files":[${files}]}],"deleted":[]}`
  assert.equal(said, [
    record(file),
    'two',
    'holdfast: $T/dir is kept on state from now on; $T/dir/sub/file is kept with it',
    record(''),
    ...['$T/dir', 'newer', 'two', 'last'],
  ])
})

test('several at once lose nothing of each other: all of them are in the list', () => {
  const said = inTree(`
    for n in 1 2 3 4 5; do echo $n > "$T/f$n"; done
    for n in 1 2 3 4 5; do "$H" persist "$T/f$n" 2>> "$T/said" & done; wait
    grep -c 'is kept on' "$T/said"; sort $S/files; ls $S$T
    for n in 1 2 3 4 5; do "$H" unpersist "$T/f$n" 2> /dev/null & done; wait
    wc -c < $S/files; ls -A /run/holdfast/changing`)
  const files = ['1', '2', '3', '4', '5'].map((name) => `f${name}`)
  assert.equal(said, ['5', ...files.map((name) => `$T/${name}`), ...files, '0'])
})

test("one that was killed is in nobody's way, and one that is at work is waited for", () => {
  const said = inTree(`
    name_of() { set -- $(cat /proc/$1/stat); echo "$1-\${22}"; }
    mkdir -p /run/holdfast/changing; : > /run/holdfast/changing/1-2; : > /run/holdfast/changing/other
    sleep 1 & busy=$!; : > /run/holdfast/changing/$(name_of $busy)
    holdfast persist "$T/dir"; kill -0 $busy 2> /dev/null || echo ended; ls -A /run/holdfast/changing`)
  assert.equal(said, ['holdfast: $T/dir is kept on state from now on', 'ended'])
})

test('a list that is a link is not followed, and a state file system that is read-only is not written to', () => {
  const said = inTree(`
    ln -s /run/elsewhere $S/files; holdfast persist "$T/file" | head -n 1; rm $S/files
    mkdir /run/elsewhere; ln -s /run/elsewhere $S/.holdfast-replaced; ln -s file $S/link
    mkdir -p $S$T; ln -s dir $S$T/link; echo "$T/link" > $S/files; holdfast persist "$T/link" > /dev/null
    readlink $S$T/link; ls -A /run/elsewhere; rm -r $S/files $S/link $S/$(echo "$T" | cut -d / -f 2)
    ln -s /run $S/.holdfast-dropped; holdfast unpersist "$T/file" | head -n 1; rm $S/.holdfast-dropped
    mount -o remount,ro $S; holdfast persist "$T/file"; ls -A $S`)
  assert.equal(said, [
    `holdfast: refused: '${STATE}/files' is a symlink, and no list of paths`,
    'file',
    `holdfast: refused: '${STATE}/.holdfast-dropped' is a symlink, and no folder`,
    `holdfast: refused: the state file system, state at ${STATE}, is mounted read-only`,
    `          See in the kernel's log whether it has errors; else: mount -o remount,rw ${STATE}`,
    'status 3',
  ])
})

test('a link on the device leads nowhere that is written to or removed', () => {
  const said = inTree(`
    mkdir -p "$T/dir/sub2" /run/victim/file $S$T/dir; echo x > "$T/dir/sub/other"; echo safe > /run/victim/other
    ln -s /run/victim $S$T/dir/sub; echo "$T/dir/sub/file" > $S/files
    holdfast persist "$T/dir"; cat /run/victim/other; ls /run/victim; cat "$T/dir/sub/other"`)
  assert.equal(said, [
    'holdfast: $T/dir is kept on state from now on; $T/dir/sub/file is kept with it',
    ...['safe', 'file', 'other', 'x'],
  ])
})

test('what fails is taken back', () => {
  const said = inTree(`
    mkdir -p $S/files.partial; before=$(cat /proc/self/mountinfo)
    holdfast persist "$T/file"
    [ "$before" = "$(cat /proc/self/mountinfo)" ] && find $S -type f; cat "$T/file"`)
  assert.equal(said, [
    `holdfast: Failed to write '${STATE}/files': EISDIR`,
    'status 1',
    `${STATE}/.holdfast-seed/0$T/file`,
    'image',
  ])
})

test('what fails takes nothing with it of what was kept before', () => {
  const said = inTree(`
    holdfast persist "$T/file" > /dev/null; umount "$T/file"; echo edited > "$T/file"
    mkdir $S/files.partial; before=$(cat /proc/self/mountinfo)
    holdfast persist "$T/file" "$T/other"
    [ "$before" = "$(cat /proc/self/mountinfo)" ] && cat $S$T/file "$T/file" $S/files; ls $S$T
    rmdir $S/files.partial; holdfast persist "$T/file" > /dev/null; cat $S$T/file; ls -A $S`)
  assert.equal(said, [
    `holdfast: Failed to write '${STATE}/files': EISDIR`,
    'status 1',
    ...['image', 'edited', '$T/file', 'file'],
    ...['edited', 'files', 'var'],
  ])
})

test('what fails to be unpersisted is kept as before', () => {
  const said = inTree(`
    holdfast persist "$T/link" "$T/other" > /dev/null
    mount -t tmpfs busy $S$T/other
    holdfast unpersist "$T/link" "$T/other"; readlink $S$T/link; cat $S/files`)
  assert.match(said[0] ?? '', /^holdfast: Failed to .*: EBUSY$/)
  assert.equal(said.slice(1), ['status 1', 'file', '$T/link', '$T/other'])
})

test('what one that was killed has moved away gets its name back before anything else is done', () => {
  const said = inTree(`
    holdfast persist "$T/file" > /dev/null; umount "$T/file"
    mkdir $S/.holdfast-replaced; mv $S$T/file $S/.holdfast-replaced/0-0; printf %s "$T/file" > $S/.holdfast-replaced/0-0.path
    echo kept > $S/.holdfast-replaced/0-0
    for command in persist unpersist; do holdfast $command --dry-run "$T/other" > /run/$command; done
    cmp /run/persist /run/unpersist; cat /run/persist $S/.holdfast-replaced/0-0
    holdfast unpersist "$T/other"; cat $S$T/file; ls -A $S; mkdir $S/.holdfast-replaced
    holdfast unpersist --dry-run "$T/other"`)
  const end = [`sync -f ${STATE}`, `rm -rf --one-file-system ${STATE}/.holdfast-replaced`]
  assert.equal(said, [
    'set -e',
    '# moved away by a call that was cut off',
    `mkdir -p ${STATE}$T`,
    `mv -f ${STATE}/.holdfast-replaced/0-0 ${STATE}$T/file`,
    ...end,
    '# what is to be done after that is planned when it is done: ask again then',
    'kept',
    ...['holdfast: $T/other is not persisted', 'kept', 'files', 'var'],
    ...['set -e', ...end, '# $T/other is not persisted'],
  ])
})

test('what cannot get its name back is set aside, and hinders one call alone', () => {
  const said = inTree(`
    R=$S/.holdfast-replaced; mkdir -p $R/0; echo stuck > $R/0/f; printf %s /.holdfast-replaced/0/x > $R/0.path
    echo b > $R/1; printf %s /a/b > $R/1.path; echo a > $R/2; printf %s /a > $R/2.path
    holdfast persist "$T/file" > /dev/null; holdfast persist "$T/dir"
    cat $S/a $S/.holdfast-replaced-1/0/f; ls -A $S`)
  assert.equal(said, [
    'holdfast: $T/dir is kept on state from now on',
    ...['a', 'stuck', '.holdfast-replaced-1', 'a', 'files', 'var'],
  ])
})

test('without a state file system, and without a path, all three say what is missing', () => {
  for (const argv of [['persist', '/etc'], ['unpersist', '/etc'], ['list']]) {
    const { status, stdout, stderr } = callUntouched({ argv })
    assert.equal([status, stdout], [3, ''])
    assert.match(stderr, /^holdfast: refused: no state file system is mounted, neither at /)
  }
  for (const argv of [['persist'], ['unpersist']]) {
    assert.match(callUntouched({ argv }).stderr, `${argv[0]} needs <path>`)
  }
})

test.run()
