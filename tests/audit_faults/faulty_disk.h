/// A disk under SQLite that fails, is slow or lets nobody write, when a test says so.
///
/// Why      A full disk can be had by a limit of the process, but not at the fourth write, and a slow one not at all.
/// Life     One per test, before any database is opened: it is SQLite's default VFS until it is destroyed. Files that
///          are opened meanwhile must be closed by then. Nothing is ever synchronised to the disk below: it costs time.
/// Threads  All methods may be called from any thread.
/// Not here Faults of other files than SQLite's.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace majed::audit {

/// What fails, and as what: SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC, ...
struct DiskFault {
    std::uint64_t after = 0;  ///< Writes, truncations and synchronisations that go well before it.
    int error = 0;
    bool stays = false;  ///< All after it fail too, as on a full disk; else it was a hiccup.
};

class FaultyDisk {
public:
    FaultyDisk();
    FaultyDisk(const FaultyDisk&) = delete;
    FaultyDisk& operator=(const FaultyDisk&) = delete;
    ~FaultyDisk();

    void plan(DiskFault fault);
    /// No fault any more, and no slowness.
    void mend();
    /// The planned fault was met, since it was planned.
    [[nodiscard]] bool met() const;

    /// Synchronisations wait from now on, until `release` or `mend`.
    void hold();
    void release();
    /// Returns when one waits.
    void wait_until_held();

    /// Files opened from now on cannot be written, as on a file system that is mounted read-only.
    void open_read_only();
};

}  // namespace majed::audit
