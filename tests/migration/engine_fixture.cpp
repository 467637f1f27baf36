// SPDX-License-Identifier: Apache-2.0
#include "migration/engine_fixture.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace majed::migration {

std::string keys_of(const migrate::RunReport& report) {
    std::string keys;
    for (const migrate::MigrationOutcome& outcome : report.outcomes) {
        keys += (keys.empty() ? "" : " ") + outcome.key;
    }
    return keys;
}

std::string states_of(migrate::Migrator& migrator) {
    const auto report = migrator.status();
    if (!report) {
        return report.error().message;
    }
    std::string states;
    for (const migrate::MigrationStatus& status : report->statuses) {
        states += (states.empty() ? "" : " ") + status.key + '=' + std::string(name_of(status.state));
    }
    return states;
}

Result<migrate::RunReport> up(migrate::Migrator& migrator, const migrate::UpOptions& options) {
    migrate::RunObserver nobody;
    return migrator.up(options, nobody);
}

Result<migrate::RunReport> down(migrate::Migrator& migrator, const migrate::DownOptions& options) {
    migrate::RunObserver nobody;
    return migrator.down(options, nobody);
}

pid_t start_runner(const Place& place, const std::string& direction, int kill_before) {
    std::array<std::string, 6> words{
        MAJED_MIGRATION_RUNNER,     place.words().engine, place.words().where, place.folder(), direction,
        std::to_string(kill_before)};
    std::array<char*, 7> arguments{};
    for (std::size_t i = 0; i < words.size(); ++i) {
        arguments.at(i) = words.at(i).data();
    }
    const pid_t process = ::fork();
    if (process == 0) {
        ::execv(arguments[0], arguments.data());
        ::_exit(127);
    }
    return process;
}

int wait_for_end(pid_t process) {
    int status = 0;
    return ::waitpid(process, &status, 0) == process ? status : -1;
}

bool was_killed(int status) {
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

std::string outside_statement(const Place& place, int number) {
    if (place.dialect() == migrate::Dialect::sqlite) {
        return "VACUUM;\n";
    }
    return "CREATE INDEX CONCURRENTLY made" + std::to_string(number) + " ON base (id);\n";
}

}  // namespace majed::migration
