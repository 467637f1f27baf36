/// What the double shall answer instead of asking SQLite: rows, errors, delays, lost sessions, by statement or call.
///
/// Why      Faults and answers no SQLite gives are said in a few lines by the test that needs them.
/// Life     Parsed once per text; a rule counts how often it was met.
/// Threads  Not safe: the world guards it.
/// Not here When the calls ask: session.h. The grammar for people: README.md.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cell.h"
#include "oracle_error.h"

namespace majed::oci_double {

enum class Event : std::uint8_t {
    connect,
    execute,
    fetch,
    ping,
    commit,
    rollback,
    lob_read,
    lob_write,
    logoff,
};

/// Rows of the script, or a count of changed rows.
struct CannedAnswer {
    std::vector<Column> columns;
    std::vector<Row> rows;
    std::uint64_t affected = 0;
};

/// What happens to one call, in this order: delay, hang, then loss or error or answer.
struct Fate {
    /// Ended by OCIBreak and by the call timeout.
    std::chrono::milliseconds delay{0};
    /// Ended by nothing: a server that does not answer.
    std::chrono::milliseconds hang{0};
    bool loses_session = false;
    Failure error;
    std::shared_ptr<const CannedAnswer> answer;

    bool is_empty() const;
};

/// A word and its value, as in "delay 300"; false when the word is none of a fate's.
bool read_fate(Fate& fate, std::string_view word, std::string_view value);

struct Rule {
    Event event = Event::execute;
    /// Normalised, with * for anything; empty for all.
    std::string pattern;
    /// For fetch: which row, counted from 1; zero for the call itself.
    std::uint64_t row = 0;
    std::uint64_t skip = 0;
    std::optional<std::uint64_t> first;
    Fate fate;
    std::uint64_t met = 0;
};

/// What a script says of the server as a whole.
struct ServerWishes {
    std::optional<bool> down;
    std::optional<std::uint64_t> generation;
    std::optional<std::string> password;
    std::optional<bool> timeout_loses_session;
    std::optional<bool> read_only;
};

struct Script {
    std::vector<Rule> rules;
    ServerWishes server;
    /// Lines not understood; a script with one answers every call with an error that says so.
    std::string problem;
};

Script parse_script(std::string_view text);

/// * stands for any run of characters.
bool matches(std::string_view pattern, std::string_view subject);

/// The fate of the first rule that wants this call; counts.
std::optional<Fate> take_fate(Script& script, Event event, std::string_view subject, std::uint64_t row);

}  // namespace majed::oci_double
