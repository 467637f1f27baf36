// SPDX-License-Identifier: Apache-2.0
#include "audit_faults/faulty_disk.h"

#include "core/mutex.h"

#include <sqlite3.h>

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <new>
#include <optional>

namespace majed::audit {
namespace {

/// What SQLite's calls, which know no object of ours, find.
struct Disk {
    Mutex mutex;
    std::condition_variable_any changed;
    std::optional<DiskFault> fault MAJED_GUARDED_BY(mutex);
    std::uint64_t done MAJED_GUARDED_BY(mutex) = 0;
    bool met MAJED_GUARDED_BY(mutex) = false;
    bool holding MAJED_GUARDED_BY(mutex) = false;
    int held MAJED_GUARDED_BY(mutex) = 0;
    bool read_only MAJED_GUARDED_BY(mutex) = false;
};

Disk& disk() {
    static Disk instance;
    return instance;
}

/// SQLITE_OK, or the error that was planned for this one.
int next_change() {
    Disk& it = disk();
    const Lock lock(it.mutex);
    const std::uint64_t turn = it.done++;
    if (!it.fault || turn < it.fault->after || (turn > it.fault->after && !it.fault->stays)) return SQLITE_OK;
    it.met = true;
    return it.fault->error;
}

struct File {
    sqlite3_file base;
    sqlite3_file* real;  ///< Lies behind this in the same memory, which is SQLite's.
};

sqlite3_file* real(sqlite3_file* file) {
    return reinterpret_cast<File*>(file)->real;
}
const sqlite3_io_methods& below(sqlite3_file* file) {
    return *real(file)->pMethods;
}

int close_file(sqlite3_file* file) {
    return below(file).xClose(real(file));
}
int read_file(sqlite3_file* file, void* to, int bytes, sqlite3_int64 at) {
    return below(file).xRead(real(file), to, bytes, at);
}
int write_file(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 at) {
    const int planned = next_change();
    return planned != SQLITE_OK ? planned : below(file).xWrite(real(file), from, bytes, at);
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
    const int planned = next_change();
    return planned != SQLITE_OK ? planned : below(file).xTruncate(real(file), size);
}
int sync_file(sqlite3_file* /*file*/, int /*flags*/) {
    Disk& it = disk();
    {
        const Lock lock(it.mutex);
        ++it.held;
        it.changed.notify_all();
        while (it.holding) it.changed.wait(it.mutex);
        --it.held;
    }
    return next_change();
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
    return below(file).xFileSize(real(file), size);
}
int lock_file(sqlite3_file* file, int level) {
    return below(file).xLock(real(file), level);
}
int unlock_file(sqlite3_file* file, int level) {
    return below(file).xUnlock(real(file), level);
}
int check_reserved_lock(sqlite3_file* file, int* reserved) {
    return below(file).xCheckReservedLock(real(file), reserved);
}
int file_control(sqlite3_file* file, int operation, void* argument) {
    return below(file).xFileControl(real(file), operation, argument);
}
int sector_size(sqlite3_file* file) {
    return below(file).xSectorSize(real(file));
}
int device_characteristics(sqlite3_file* file) {
    return below(file).xDeviceCharacteristics(real(file));
}
int map_shared(sqlite3_file* file, int region, int size, int extend, void volatile** memory) {
    return below(file).xShmMap(real(file), region, size, extend, memory);
}
int lock_shared(sqlite3_file* file, int offset, int count, int flags) {
    return below(file).xShmLock(real(file), offset, count, flags);
}
void barrier_shared(sqlite3_file* file) {
    below(file).xShmBarrier(real(file));
}
int unmap_shared(sqlite3_file* file, int remove) {
    return below(file).xShmUnmap(real(file), remove);
}

/// Version 2: with shared memory, for WAL; without memory maps, which would write past xWrite.
const sqlite3_io_methods methods{2,
                                 close_file,
                                 read_file,
                                 write_file,
                                 truncate_file,
                                 sync_file,
                                 file_size,
                                 lock_file,
                                 unlock_file,
                                 check_reserved_lock,
                                 file_control,
                                 sector_size,
                                 device_characteristics,
                                 map_shared,
                                 lock_shared,
                                 barrier_shared,
                                 unmap_shared,
                                 nullptr,
                                 nullptr};

sqlite3_vfs* original = nullptr;
sqlite3_vfs faulty;

bool opens_read_only() {
    Disk& it = disk();
    const Lock lock(it.mutex);
    return it.read_only;
}

int open_file(sqlite3_vfs* /*vfs*/, const char* name, sqlite3_file* file, int flags, int* opened) {
    constexpr unsigned writing = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    auto asked = static_cast<unsigned>(flags);
    // As the system's own VFS does when it may not write: the main file is opened for reading, and it says so.
    if (opens_read_only() && (asked & SQLITE_OPEN_MAIN_DB) != 0)
        asked = (asked & ~writing) | SQLITE_OPEN_READONLY;
    auto* const ours = new (file) File{{nullptr}, nullptr};
    ours->real = reinterpret_cast<sqlite3_file*>(ours + 1);
    ours->real->pMethods = nullptr;
    const int result = original->xOpen(original, name, ours->real, static_cast<int>(asked), opened);
    // With methods SQLite closes it even when opening failed.
    ours->base.pMethods = ours->real->pMethods != nullptr ? &methods : nullptr;
    return result;
}

}  // namespace

FaultyDisk::FaultyDisk() {
    mend();
    original = sqlite3_vfs_find(nullptr);
    faulty = *original;
    faulty.pNext = nullptr;
    faulty.zName = "faulty";
    faulty.szOsFile = original->szOsFile + static_cast<int>(sizeof(File));
    faulty.xOpen = open_file;
    if (sqlite3_vfs_register(&faulty, 1) != SQLITE_OK) std::abort();
}

FaultyDisk::~FaultyDisk() {
    mend();
    sqlite3_vfs_unregister(&faulty);
    sqlite3_vfs_register(original, 1);
}

void FaultyDisk::plan(DiskFault fault) {
    Disk& it = disk();
    const Lock lock(it.mutex);
    it.fault = fault;
    it.done = 0;
    it.met = false;
}

void FaultyDisk::mend() {
    Disk& it = disk();
    const Lock lock(it.mutex);
    it.fault.reset();
    it.holding = false;
    it.read_only = false;
    it.changed.notify_all();
}

bool FaultyDisk::met() const {
    Disk& it = disk();
    const Lock lock(it.mutex);
    return it.met;
}

void FaultyDisk::hold() {
    Disk& it = disk();
    const Lock lock(it.mutex);
    it.holding = true;
}

void FaultyDisk::release() {
    Disk& it = disk();
    const Lock lock(it.mutex);
    it.holding = false;
    it.changed.notify_all();
}

void FaultyDisk::wait_until_held() {
    Disk& it = disk();
    const Lock lock(it.mutex);
    while (it.held == 0) it.changed.wait(it.mutex);
}

void FaultyDisk::open_read_only() {
    Disk& it = disk();
    const Lock lock(it.mutex);
    it.read_only = true;
}

}  // namespace majed::audit
