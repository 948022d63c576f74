package main

import (
	"debug/elf"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// confineCommand starts a program that can write and read one folder, run itself and this program, and nothing else:
//
//	gate-inert confine FOLDER PROGRAM ARGUMENT…
//	gate-inert confine             prints what the system permits
//
// Landlock: https://docs.kernel.org/userspace-api/landlock.html; seccomp: https://docs.kernel.org/userspace-api/seccomp_filter.html
func confineCommand(arguments []string) error {
	if len(arguments) == 0 {
		return json.NewEncoder(os.Stdout).Encode(map[string]any{"landlock": landlockVersion(), "seccomp": seccompArch() != 0})
	}
	if len(arguments) < 2 {
		return errors.New("confine takes a folder and a program")
	}
	folder, program := arguments[0], arguments[1]
	runtime.LockOSThread() // both apply to the thread that then becomes the program
	limit()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	if landlockVersion() > 0 {
		if err := landlock(folder, program); err != nil {
			return fmt.Errorf("landlock: %w", err)
		}
	}
	if seccompArch() != 0 {
		if err := noNetwork(); err != nil {
			return fmt.Errorf("seccomp: %w", err)
		}
	}
	return syscall.Exec(program, arguments[1:], os.Environ())
}

// limit bounds what a run may use: processor seconds, bytes of a file, of memory, open files; no core dumps.
func limit() {
	for what, most := range map[int]uint64{
		unix.RLIMIT_CPU: 900, unix.RLIMIT_FSIZE: 1 << 30, unix.RLIMIT_AS: 32 << 30, unix.RLIMIT_NOFILE: 4096, unix.RLIMIT_CORE: 0,
	} {
		var now unix.Rlimit
		if unix.Getrlimit(what, &now) == nil && now.Max < most {
			most = now.Max
		}
		_ = unix.Setrlimit(what, &unix.Rlimit{Cur: most, Max: most})
	}
}

func landlockVersion() int {
	version, _, failed := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if failed != 0 {
		return 0
	}
	return int(version)
}

const (
	readable = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR
	runnable = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_EXECUTE
	firstABI = 1<<13 - 1 // every right of Landlock's first version
)

func landlock(folder, program string) error {
	version := landlockVersion()
	all := uint64(firstABI)
	if version >= 2 {
		all |= unix.LANDLOCK_ACCESS_FS_REFER
	}
	if version >= 3 {
		all |= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	if version >= 5 {
		all |= unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	}
	rules := unix.LandlockRulesetAttr{Access_fs: all}
	if version >= 4 {
		rules.Access_net = unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
	}
	if version >= 6 {
		rules.Scoped = unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | unix.LANDLOCK_SCOPE_SIGNAL
	}
	handle, _, failed := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&rules)), unsafe.Sizeof(rules), 0)
	if failed != 0 {
		// An older kernel knows a shorter structure: without scopes, then without the network.
		handle, _, failed = unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&rules)), 8, 0)
		if failed != 0 {
			return failed
		}
	}
	defer unix.Close(int(handle))
	self, err := os.Executable()
	if err != nil {
		return err
	}
	allowed := []struct {
		path   string
		rights uint64
	}{
		{folder, all &^ unix.LANDLOCK_ACCESS_FS_EXECUTE &^ unix.LANDLOCK_ACCESS_FS_IOCTL_DEV},
		{program, runnable}, {self, runnable},
		{"/dev/null", unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_WRITE_FILE},
		{"/dev/urandom", unix.LANDLOCK_ACCESS_FS_READ_FILE},
	}
	if dynamic, _ := needsLibraries(program); dynamic {
		for _, path := range []string{"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache"} {
			allowed = append(allowed, struct {
				path   string
				rights uint64
			}{path, readable | unix.LANDLOCK_ACCESS_FS_EXECUTE})
		}
	}
	for _, one := range allowed {
		if err := allow(int(handle), one.path, one.rights); err != nil {
			return fmt.Errorf("%s: %w", one.path, err)
		}
	}
	if _, _, failed := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, handle, 0, 0); failed != 0 {
		return failed
	}
	return nil
}

func allow(handle int, path string, rights uint64) error {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil // what is not there needs no right
	}
	opened, err := unix.Open(real, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(opened)
	var info unix.Stat_t
	if err := unix.Fstat(opened, &info); err != nil {
		return err
	}
	if info.Mode&unix.S_IFMT != unix.S_IFDIR {
		rights &= unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_EXECUTE
	}
	rule := unix.LandlockPathBeneathAttr{Allowed_access: rights, Parent_fd: int32(opened)}
	_, _, failed := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(handle), unix.LANDLOCK_RULE_PATH_BENEATH,
		uintptr(unsafe.Pointer(&rule)), 0, 0, 0)
	if failed != 0 {
		return failed
	}
	return nil
}

// needsLibraries tells whether a program is loaded by another one: it reads shared libraries then.
func needsLibraries(program string) (bool, error) {
	file, err := elf.Open(program)
	if err != nil {
		return false, err
	}
	defer file.Close()
	return file.Section(".interp") != nil, nil
}

// seccompArch is the number of this machine's system call table, 0 where the filter below is not written for it.
func seccompArch() uint32 {
	switch runtime.GOARCH {
	case "amd64":
		return unix.AUDIT_ARCH_X86_64
	case "arm64":
		return unix.AUDIT_ARCH_AARCH64
	}
	return 0
}

// noNetwork refuses sockets other than those of this machine's file system, by which Terraform talks to its providers,
// and looking into other processes.
func noNetwork() error {
	const refuse = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
	load := func(offset uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
	}
	equal := func(value uint32, yes, no uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: value, Jt: yes, Jf: no}
	}
	answer := func(what uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: what}
	}
	const number, architecture, firstArgument = 0, 4, 16
	program := []unix.SockFilter{
		load(architecture),
		equal(seccompArch(), 1, 0),
		answer(unix.SECCOMP_RET_KILL_PROCESS),
		load(number),
		equal(unix.SYS_SOCKET, 5, 0),
		equal(unix.SYS_PTRACE, 7, 0),
		equal(unix.SYS_IO_URING_SETUP, 6, 0),
		equal(unix.SYS_PROCESS_VM_READV, 5, 0),
		equal(unix.SYS_PROCESS_VM_WRITEV, 4, 0),
		answer(unix.SECCOMP_RET_ALLOW),
		load(firstArgument),
		equal(unix.AF_UNIX, 0, 1),
		answer(unix.SECCOMP_RET_ALLOW),
		answer(refuse),
	}
	if runtime.GOARCH == "amd64" {
		// The x32 table has other numbers for the same calls.
		program = append([]unix.SockFilter{
			load(number), {Code: unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K, K: 0x40000000, Jt: 0, Jf: 1}, answer(refuse),
		}, program...)
	}
	filter := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	return unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&filter)), 0, 0)
}
