/// LOCK TABLE of one session: held against every other session, of this process and of others.
///
/// Why      A lock that a killed process leaves behind would let tests pass that fail on a server.
/// Life     Until the transaction ends, the session, or its process: the kernel releases them.
/// Threads  The session's.
/// Not here Waiting for it (session.h); locks that INSERT and UPDATE take: SQLite has one for the whole database.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace majed::oci_double {

enum class TableLockMode : std::uint8_t {
    shared,     ///< ROW SHARE, ROW EXCLUSIVE, SHARE: with one another, which is more than Oracle allows.
    exclusive,  ///< SHARE ROW EXCLUSIVE, EXCLUSIVE
};

class FileDescriptor {
public:
    explicit FileDescriptor(int number) : number_(number) {}
    FileDescriptor(FileDescriptor&& other) noexcept : number_(other.number_) { other.number_ = -1; }
    FileDescriptor& operator=(FileDescriptor&&) = delete;
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    ~FileDescriptor();
    int number() const { return number_; }

private:
    int number_;
};

class TableLocks {
public:
    /// `database` is the service's file; the lock is on one beside it. False: another session has it.
    bool try_lock(const std::filesystem::path& database, const std::string& table, TableLockMode mode);
    void release() { held_.clear(); }
    bool empty() const { return held_.empty(); }

private:
    std::map<std::string, FileDescriptor> held_;
};

}  // namespace majed::oci_double
