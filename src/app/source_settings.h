/// `[[sources]]` of the configuration: which databases there are, how to enter them, how many sessions, how patient,
/// and where their migrations lie.
///
/// Why      Every key of a source, its default by make of database and its bounds, in one place.
/// Life     Values.
/// Threads  Values.
/// Not here Opening anything (wired_installation.h), what the numbers do (pool/, source/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/document.h"
#include "driver/driver.h"
#include "source/health_state.h"
#include "source/source.h"

#include <chrono>
#include <string>
#include <vector>

namespace majed::app {

/// `[sources.migrations]`: how the schema of a source is changed.
struct SourceMigrations {
    std::string source;            ///< Name of the source.
    std::string folder;            ///< Absolute, or relative to the configuration; empty: none is set.
    bool stored_password = false;  ///< Its login is the source's own, whose password may be in the store.
    driver::Target target;  ///< Writes, with the login for it: the source's own, unless another is set.
    std::chrono::milliseconds lock_wait = std::chrono::minutes(1);
    std::chrono::milliseconds statement_timeout = std::chrono::hours(1);
};

struct ConfiguredSource {
    source::SourceOptions options;
    driver::Target target;
    bool is_server = false;        ///< It has logins with passwords.
    bool stored_password = false;  ///< A user is named and no password: the store may have it.
    SourceMigrations migrations;
};

/// Mistakes are recorded in the document.
[[nodiscard]] std::vector<ConfiguredSource> read_sources(config::Document& document);

/// `[health]`: how all sources are watched. Mistakes are recorded in the document.
[[nodiscard]] source::HealthOptions read_health(config::Document& document);

/// Relative paths are relative to the file they stand in.
[[nodiscard]] std::string path_in(const config::Table& table, const std::string& path);

/// The file behind `sqlite:FILE`, absolute or relative to the configuration; a mistake for anything else.
[[nodiscard]] std::string sqlite_path(config::Table& table, std::string_view key, const std::string& url);

}  // namespace majed::app
