// SPDX-License-Identifier: Apache-2.0
#include "store/store_version.h"

#include "store/primary_migrations.h"

#include <charconv>
#include <string_view>
#include <utility>

namespace majed::store {
namespace {

Result<std::int64_t> pragma(driver::sqlite::Database& connection, std::string_view name) {
    MAJED_TRY_ASSIGN(auto statement, connection.prepare("PRAGMA " + std::string(name)));
    MAJED_TRY(statement.step());
    return statement.integer(0);
}

std::string versions(std::int64_t stored) {
    return "(schema " + std::to_string(stored) + ", this program knows " + std::to_string(program_version()) +
           ")";
}

}  // namespace

std::int64_t program_version() noexcept {
    std::int64_t version = 0;
    if (const auto files = primary_migrations(); !files.empty()) {
        const std::string_view name = files.back().file;
        std::from_chars(name.data(), name.data() + name.size(), version);
    }
    return version;
}

Result<std::int64_t> stored_version(driver::sqlite::Database& connection, const std::string& path) {
    MAJED_TRY_ASSIGN(const auto application, pragma(connection, "application_id"));
    MAJED_TRY_ASSIGN(const auto version, pragma(connection, "user_version"));
    if (application != application_id || version < 1) {
        return Error{.code = ErrorCode::unsupported, .message = path + " is not a primary store"}.with_hint(
            "make one with: majed init");
    }
    return version;
}

Result<void> refuse_newer(std::int64_t stored) {
    if (stored <= program_version()) {
        return {};
    }
    return Error{.code = ErrorCode::conflict,
                 .message = "this store was written by a newer majed " + versions(stored)}
        .with_hint("upgrade the program, or restore the backup that was taken before the store's upgrade");
}

Result<void> refuse_other(std::int64_t stored) {
    MAJED_TRY(refuse_newer(stored));
    if (stored == program_version()) {
        return {};
    }
    return Error{.code = ErrorCode::conflict,
                 .message = "this store was written by an older majed " + versions(stored)}
        .with_hint("upgrade it with: majed migrate up");
}

}  // namespace majed::store
