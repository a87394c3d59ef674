/**
 * Which system calls may a program behind the sandbox not make?
 * Those that reach what a namespace does not hold: the kernel's keyrings (a ticket of the user's may lie there), further namespaces and mounts, kernel modules,
 * tracing of the whole system, and interfaces with a long record of faults. As a seccomp program in the kernel's own form (linux/filter.h, linux/seccomp.h).
 */

type Machine = { readonly audit: number; readonly calls: Readonly<Record<string, number>>; readonly clone: number }

/** Numbers that are the same on every machine since they were made. */
const alike = {
  io_uring_setup: 425,
  io_uring_enter: 426,
  io_uring_register: 427,
  open_tree: 428,
  move_mount: 429,
  fsopen: 430,
  fsconfig: 431,
  fsmount: 432,
  fspick: 433,
  mount_setattr: 442,
}
const machines: Readonly<Record<string, Machine>> = {
  x64: {
    audit: 0xc000_003e,
    clone: 56,
    calls: {
      ...alike,
      add_key: 248,
      request_key: 249,
      keyctl: 250,
      bpf: 321,
      perf_event_open: 298,
      userfaultfd: 323,
      kexec_load: 246,
      kexec_file_load: 320,
      init_module: 175,
      finit_module: 313,
      delete_module: 176,
      open_by_handle_at: 304,
      quotactl: 179,
      syslog: 103,
      acct: 163,
      swapon: 167,
      swapoff: 168,
      reboot: 169,
      mount: 165,
      umount2: 166,
      pivot_root: 155,
      unshare: 272,
      setns: 308,
    },
  },
  arm64: {
    audit: 0xc000_00b7,
    clone: 220,
    calls: {
      ...alike,
      add_key: 217,
      request_key: 218,
      keyctl: 219,
      bpf: 280,
      perf_event_open: 241,
      userfaultfd: 282,
      kexec_load: 104,
      kexec_file_load: 294,
      init_module: 105,
      finit_module: 273,
      delete_module: 106,
      open_by_handle_at: 265,
      quotactl: 60,
      syslog: 116,
      acct: 89,
      swapon: 224,
      swapoff: 225,
      reboot: 142,
      mount: 40,
      umount2: 39,
      pivot_root: 41,
      unshare: 97,
      setns: 268,
    },
  },
}

const [load, equal, atLeast, anyBit, give] = [0x20, 0x15, 0x35, 0x45, 0x06]
const allow = 0x7fff_0000
const refuse = (errno: number): number => 0x0005_0000 | errno
const [EPERM, ENOSYS] = [1, 38]
/** clone3 hides its flags behind a pointer: as if the kernel did not have it, so that libraries use clone. */
const clone3 = 435
/** CLONE_NEWUSER, NEWNS, NEWNET, NEWPID, NEWIPC, NEWUTS, NEWCGROUP. */
const newNamespaces = 0x7e02_0000

/** The program for this machine, or null where its numbers are not known. */
export const syscallFilter = (arch: string = process.arch): Uint8Array | null => {
  const machine = machines[arch]
  if (!machine) return null
  const { audit, calls, clone } = machine
  const steps: [code: number, yes: number, no: number, value: number][] = [
    [load, 0, 0, 4], // the architecture: a program of another one has other numbers
    [equal, 1, 0, audit],
    [give, 0, 0, refuse(EPERM)],
    [load, 0, 0, 0], // the number
    ...(arch === 'x64'
      ? ([
          [atLeast, 0, 1, 0x4000_0000],
          [give, 0, 0, refuse(ENOSYS)],
        ] as [number, number, number, number][])
      : []), // x32
    ...Object.values(calls).flatMap((number): [number, number, number, number][] => [
      [equal, 0, 1, number],
      [give, 0, 0, refuse(EPERM)],
    ]),
    [equal, 0, 1, clone3],
    [give, 0, 0, refuse(ENOSYS)],
    [equal, 0, 3, clone],
    [load, 0, 0, 16], // its flags
    [anyBit, 0, 1, newNamespaces],
    [give, 0, 0, refuse(EPERM)],
    [give, 0, 0, allow],
  ]
  const bytes = Buffer.alloc(steps.length * 8)
  steps.forEach(([code, yes, no, value], at) => {
    bytes.writeUInt16LE(code, at * 8)
    bytes.writeUInt8(yes, at * 8 + 2)
    bytes.writeUInt8(no, at * 8 + 3)
    bytes.writeUInt32LE(value >>> 0, at * 8 + 4)
  })
  return bytes
}
