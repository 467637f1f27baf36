// SPDX-License-Identifier: Apache-2.0
#include "splitting/postgres_judge.h"

#include "doubles/child_process.h"

#include <simdjson.h>

#include <chrono>
#include <fstream>
#include <utility>

namespace majed::splitting {
namespace {

namespace fs = std::filesystem;
constexpr std::chrono::milliseconds span{60'000};
constexpr std::string_view logged = "statement: ";

std::string text_of(simdjson::dom::element line, const char* key) {
    std::string_view value;
    return line[key].get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
}

void read_line(simdjson::dom::element line, std::map<std::string, Seen>& verdict) {
    Seen& seen = verdict[text_of(line, "application_name")];
    const std::string message = text_of(line, "message");
    if (message.starts_with(logged)) {
        seen.statements.push_back(message.substr(logged.size()));
    }
    if (text_of(line, "error_severity") != "ERROR") {
        return;
    }
    seen.states.push_back(text_of(line, "state_code"));
    // What the server cannot parse is not logged as a statement, but with the error.
    if (seen.states.back() == "42601" || seen.states.back() == "42602") {
        const std::string statement = text_of(line, "statement");
        if (seen.statements.empty() || seen.statements.back() != statement) {
            seen.statements.push_back(statement);
        }
    }
}

/// Not Debian's /usr/bin/psql, a script that takes longer to find this one than this one takes.
fs::path psql() {
    return doubles::PostgresServer::program("psql");
}

}  // namespace

std::string PostgresJudge::missing() {
    if (const std::string missing = doubles::PostgresServer::missing(); !missing.empty()) {
        return missing;
    }
    return psql().empty() ? "there is no psql (Debian package postgresql-client-15)" : "";
}

PostgresJudge::PostgresJudge(fs::path folder, std::unique_ptr<doubles::PostgresServer> server)
    : folder_(std::move(folder)), server_(std::move(server)) {}

PostgresJudge::~PostgresJudge() {
    server_.reset();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

Result<std::unique_ptr<PostgresJudge>> PostgresJudge::start() {
    auto folder = doubles::make_folder_for_children();
    if (!folder) {
        return Error{ErrorCode::unavailable, "there is no place for a log"};
    }
    auto server = doubles::PostgresServer::start({"logging_collector=on", "log_destination=jsonlog",
                                                  "log_directory=" + folder->string(), "log_filename=all.log",
                                                  "log_statement=all", "wal_level=logical"});
    if (!server) {
        std::error_code ignored;
        fs::remove_all(*folder, ignored);
        return std::move(server).error();
    }
    return std::unique_ptr<PostgresJudge>(new PostgresJudge(*folder, std::move(*server)));
}

bool PostgresJudge::run(const std::string& name, std::string_view script) {
    using Server = doubles::PostgresServer;
    const fs::path file = folder_ / (name + ".sql");
    std::ofstream(file, std::ios::binary) << script;
    doubles::give_to_children(folder_);
    const std::string target = "host=127.0.0.1 port=" + std::to_string(server_->port()) +
                               " user=" + std::string(Server::administrator) + " password='" +
                               std::string(Server::password) + "' dbname=" + std::string(Server::database) +
                               " application_name=" + name;
    return doubles::run(
        {.words = {psql().string(), "-X", "-q", "-f", file.string(), target}, .output = folder_ / "psql.txt"},
        span);
}

std::map<std::string, Seen> PostgresJudge::verdict() {
    std::map<std::string, Seen> verdict;
    if (!server_->stop()) {
        return verdict;
    }
    std::ifstream log(folder_ / "all.json");
    simdjson::dom::parser parser;
    for (std::string line; std::getline(log, line);) {
        simdjson::dom::element object;
        if (parser.parse(line).get(object) == simdjson::SUCCESS) {
            read_line(object, verdict);
        }
    }
    return verdict;
}

}  // namespace majed::splitting
