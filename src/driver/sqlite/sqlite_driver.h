/// SQLite files as a source: `sqlite:FILE`.
///
/// Why      app/ chooses a driver by the URL's scheme and knows nothing else about it.
/// Life     Outlives its connections and sessions.
/// Threads  All methods may be called from any thread.
/// Not here Pooling, the writer gate (source/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "driver/driver.h"

#include <memory>
#include <string>
#include <vector>

namespace majed::driver::sqlite {

class SqliteDriver final : public driver::Driver {
public:
    /// Errors: invalid_argument (not `sqlite:FILE`; a user or a password, which SQLite does not have).
    [[nodiscard]] static Result<std::unique_ptr<SqliteDriver>> create(Target target);

    [[nodiscard]] std::string_view name() const noexcept override { return "sqlite"; }
    [[nodiscard]] bool governs() const noexcept override { return true; }
    [[nodiscard]] bool is_file() const noexcept override { return true; }
    [[nodiscard]] Result<std::unique_ptr<driver::Connection>> open(Deadline deadline) override;
    [[nodiscard]] Result<std::unique_ptr<Session>> open_session(std::shared_ptr<const GuardSet> guard,
                                                                Deadline deadline) override;
    [[nodiscard]] bool governs_writes() const noexcept override {
        return target_.access == Access::read_write;
    }
    [[nodiscard]] Result<std::unique_ptr<Session>> open_writing_session(std::shared_ptr<const GuardSet> guard,
                                                                        Deadline deadline) override;
    [[nodiscard]] Result<SchemaDescription> read_schema(driver::Connection& connection,
                                                        Deadline deadline) override;

    /// Size of the write-ahead log, room on the disk.
    [[nodiscard]] std::vector<Measure> measures() const override;

private:
    SqliteDriver(Target target, std::string path);
    [[nodiscard]] Result<std::unique_ptr<Session>> open_governed(std::shared_ptr<const GuardSet> guard,
                                                                 Deadline deadline, Access access);
    Target target_;
    std::string path_;
};

}  // namespace majed::driver::sqlite
