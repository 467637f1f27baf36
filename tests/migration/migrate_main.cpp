// SPDX-License-Identifier: Apache-2.0
// Runs `up` or `down` as a process of its own, which can kill itself before a statement.
//   majed_migration_runner ENGINE WHERE FOLDER up|down KILL_BEFORE    (0: not at all; -1: when a migration has ended)
#include "migration/migration_place.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>

namespace {

using namespace majed;

class KilledBefore final : public migrate::RunObserver {
public:
    explicit KilledBefore(int statement) : left_(statement) {}
    void statement(std::size_t, std::size_t) override {
        if (left_ > 0 && --left_ == 0) {
            std::raise(SIGKILL);
        }
    }
    void ended(const migrate::MigrationOutcome& outcome) override {
        std::printf("%s\n", outcome.key.c_str());
        std::fflush(stdout);
        if (left_ < 0) {
            std::raise(SIGKILL);
        }
    }

private:
    int left_;
};

int fail(const Error& error) {
    std::fprintf(stderr, "%s\n%s\n", error.message.c_str(), error.hint.c_str());
    return 1;
}

}  // namespace

int main(int count, char** values) {
    const std::span<char*> arguments(values, static_cast<std::size_t>(count));
    if (arguments.size() != 6) {
        return 2;
    }
    const migration::Words words{arguments[1], arguments[2]};
    const migrate::MigratorOptions options = migration::options_of(words);
    auto migrations = migration::migrations_in(arguments[3], options.dialect);
    auto driver = migration::driver_of(words);
    if (!migrations || !driver) {
        return fail(migrations ? driver.error() : migrations.error());
    }
    migrate::Migrator migrator(std::move(*migrations), **driver, options);
    KilledBefore observer(std::atoi(arguments[5]));
    const auto report =
        std::string(arguments[4]) == "down" ? migrator.down({}, observer) : migrator.up({}, observer);
    if (!report) {
        return fail(report.error());
    }
    return report->failure() == nullptr ? 0 : fail(*report->failure());
}
