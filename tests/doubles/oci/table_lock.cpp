// SPDX-License-Identifier: Apache-2.0
#include "table_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace majed::oci_double {

FileDescriptor::~FileDescriptor() {
    if (number_ >= 0) {
        close(number_);
    }
}

bool TableLocks::try_lock(const std::filesystem::path& database, const std::string& table,
                          TableLockMode mode) {
    const std::string file = database.string() + "-lock-" + table;
    auto held = held_.find(file);
    if (held == held_.end()) {
        FileDescriptor opened{open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
        if (opened.number() < 0) {
            return false;
        }
        held = held_.emplace(file, std::move(opened)).first;
        const int wanted = mode == TableLockMode::exclusive ? LOCK_EX : LOCK_SH;
        if (flock(held->second.number(), wanted | LOCK_NB) != 0) {
            held_.erase(held);
            return false;
        }
        return true;
    }
    // What is held already is not given up: a stronger lock is asked for, a weaker one is there.
    return mode == TableLockMode::shared || flock(held->second.number(), LOCK_EX | LOCK_NB) == 0;
}

}  // namespace majed::oci_double
