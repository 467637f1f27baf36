// SPDX-License-Identifier: Apache-2.0
#include "driver/sqlite/sqlite_driver.h"

#include "driver/sqlite/catalog_reader.h"
#include "driver/sqlite/governed_session.h"
#include "driver/sqlite/native_error.h"
#include "driver/sqlite/sqlite_connection.h"

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

namespace majed::driver::sqlite {

namespace {

constexpr std::string_view scheme = "sqlite:";
constexpr std::uintmax_t mib = 1024UL * 1024;
constexpr std::uintmax_t worrying_wal = 256 * mib;
constexpr std::uintmax_t worrying_room = 256 * mib;

/// A failure to open says that the file cannot be reached, whatever the step.
Error opening_failure(Error error) {
    const bool of_the_database = error.code != ErrorCode::internal && error.code != ErrorCode::conflict;
    if (error.failure == FailureClass::none && of_the_database) {
        error.failure = FailureClass::lost;
    }
    return error;
}

}  // namespace

SqliteDriver::SqliteDriver(Target target, std::string path)
    : target_(std::move(target)), path_(std::move(path)) {}

Result<std::unique_ptr<SqliteDriver>> SqliteDriver::create(Target target) {
    if (!std::string_view(target.url).starts_with(scheme) || target.url.size() == scheme.size()) {
        return Error{ErrorCode::invalid_argument, "expected sqlite:FILE"};
    }
    if (!target.user.empty() || !target.password.empty()) {
        return Error{ErrorCode::invalid_argument, "SQLite has no users and no passwords"};
    }
    std::string path = target.url.substr(scheme.size());
    return std::unique_ptr<SqliteDriver>(new SqliteDriver(std::move(target), std::move(path)));
}

Result<std::unique_ptr<driver::Connection>> SqliteDriver::open(Deadline deadline) {
    auto opened = SqliteConnection::open(path_, target_.access, target_.cached_statements, deadline);
    if (!opened) {
        return opening_failure(std::move(opened).error());
    }
    return std::unique_ptr<driver::Connection>(std::move(*opened));
}

Result<std::unique_ptr<Session>> SqliteDriver::open_session(std::shared_ptr<const GuardSet> guard,
                                                            Deadline deadline) {
    return open_governed(std::move(guard), deadline, Access::read_only);
}

Result<std::unique_ptr<Session>> SqliteDriver::open_writing_session(std::shared_ptr<const GuardSet> guard,
                                                                    Deadline deadline) {
    if (!governs_writes()) {
        return Error{.code = ErrorCode::unsupported,
                     .message = "the source is read only",
                     .failure = FailureClass::read_only};
    }
    return open_governed(std::move(guard), deadline, Access::read_write);
}

Result<std::unique_ptr<Session>> SqliteDriver::open_governed(std::shared_ptr<const GuardSet> guard,
                                                             Deadline deadline, Access access) {
    auto opened = GovernedSession::open(path_, std::move(guard), deadline, access);
    if (!opened) {
        return opening_failure(std::move(opened).error());
    }
    return std::unique_ptr<Session>(std::move(*opened));
}

std::vector<Measure> SqliteDriver::measures() const {
    std::vector<Measure> measures;
    std::error_code absent;
    if (const auto bytes = std::filesystem::file_size(path_ + "-wal", absent); !absent) {
        const bool large = bytes > worrying_wal;
        measures.push_back({"walSize", static_cast<double>(bytes), "bytes",
                            large ? "a long reader keeps the log from being folded into the database" : ""});
    }
    const std::filesystem::path folder = std::filesystem::path(path_).parent_path();
    const auto space = std::filesystem::space(folder.empty() ? "." : folder, absent);
    if (!absent) {
        const bool full = space.available < worrying_room;
        measures.push_back({"diskFree", static_cast<double>(space.available), "bytes",
                            full ? "the disk is nearly full" : ""});
    }
    return measures;
}

Result<SchemaDescription> SqliteDriver::read_schema(driver::Connection& connection, Deadline deadline) {
    auto* const own = dynamic_cast<SqliteConnection*>(&connection);
    if (own == nullptr) {
        return Error{ErrorCode::internal, "the connection is not of this driver"};
    }
    own->begin_work(deadline);
    auto schema = sqlite::read_schema(own->database());
    if (!schema) {
        Error error = std::move(schema).error();
        error.failure = failure_class_of(error.native_code);
        error.message = "the catalogue cannot be read";
        return error;
    }
    return schema;
}

}  // namespace majed::driver::sqlite
