// SPDX-License-Identifier: Apache-2.0
#include "cli/migration_progress.h"

#include "format/text.h"

#include <ostream>
#include <string_view>

namespace majed::cli {
namespace {

constexpr std::string_view clear_line = "\r\x1b[K";

std::string_view name_of(migrate::Direction direction) {
    return direction == migrate::Direction::up ? "up  " : "down";
}

std::string title_of(migrate::Direction direction, const std::string& key, const std::string& description) {
    std::string title(name_of(direction));
    title += ' ' + format::printable(key);
    // The key of a repeatable one is its description already.
    if (key.find(description) == std::string::npos) title += ' ' + format::printable(description);
    return title;
}

}  // namespace

void MigrationProgress::waiting() {
    terminal_.err << "waiting for another run to end" << std::endl;
}

void MigrationProgress::began(const migrate::Migration& migration, migrate::Direction direction) {
    running_ = title_of(direction, migration.key, migration.description);
}

void MigrationProgress::statement(std::size_t number, std::size_t total) {
    if (!terminal_.err_is_terminal) return;
    constexpr std::size_t width = 20;
    const std::size_t done = total == 0 ? width : (number - 1) * width / total;
    terminal_.err << clear_line << running_ << " [" << std::string(done, '#')
                  << std::string(width - done, '.') << "] " << number << "/" << total << std::flush;
}

void MigrationProgress::ended(const migrate::MigrationOutcome& outcome) {
    if (terminal_.err_is_terminal) terminal_.err << clear_line;
    terminal_.err << title_of(outcome.direction, outcome.key, outcome.description) << ": ";
    if (outcome.failure) {
        terminal_.err << "failed\n";
        return;
    }
    if (!outcome.executed) {
        terminal_.err << "planned, not tried: it cannot be taken back\n";
        return;
    }
    if (outcome.resumed_at > 0) terminal_.err << "from statement " << outcome.resumed_at << ", ";
    terminal_.err << outcome.statements_applied
                  << (outcome.statements_applied == 1 ? " statement, " : " statements, ")
                  << outcome.duration.count() << " ms" << std::endl;
}

}  // namespace majed::cli
