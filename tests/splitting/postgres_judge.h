/// psql and a real server as the judges of our cuts: what psql sends of a script, as the server's log has it.
///
/// Why      The rules are psql's; a copy of them is right only when it agrees with psql.
/// Life     Owns a server and a folder for its log; both go with it.
/// Threads  One.
/// Not here Our own cuts (migrate/script.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "doubles/postgres_server.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace majed::splitting {

/// What the server saw of one script.
struct Seen {
    std::vector<std::string> statements;
    std::vector<std::string> states;  ///< SQLSTATE of every error.
};

class PostgresJudge {
public:
    /// Empty when server and psql are here, else what is missing; for GTEST_SKIP.
    [[nodiscard]] static std::string missing();
    /// Errors: those of PostgresServer.
    [[nodiscard]] static Result<std::unique_ptr<PostgresJudge>> start();
    PostgresJudge(const PostgresJudge&) = delete;
    PostgresJudge& operator=(const PostgresJudge&) = delete;
    ~PostgresJudge();

    /// Runs a script with psql, as the administrator. False when psql did not end well.
    [[nodiscard]] bool run(const std::string& name, std::string_view script);
    /// Stops the server and reads its log: by the names of the scripts.
    [[nodiscard]] std::map<std::string, Seen> verdict();

private:
    PostgresJudge(std::filesystem::path folder, std::unique_ptr<doubles::PostgresServer> server);

    std::filesystem::path folder_;
    std::unique_ptr<doubles::PostgresServer> server_;
};

}  // namespace majed::splitting
