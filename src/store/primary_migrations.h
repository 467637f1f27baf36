/// The migrations of the primary store, as the files of `migrations/primary` are, built into the program.
///
/// Why      A program and the tables it needs are one thing: neither comes without the other.
/// Life     Constants.
/// Threads  Any.
/// Not here Running them: app/primary_migration.h, and a fixture for tests (primary_store_fixture.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace majed::store {

struct EmbeddedFile {
    std::string_view file;  ///< `001_create_users_table.sql`
    std::string_view bytes;
};

/// By name, which begins with the version in three digits.
[[nodiscard]] std::span<const EmbeddedFile> primary_migrations() noexcept;

}  // namespace majed::store
