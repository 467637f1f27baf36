/// Log lines: one event, one line, fields as names and values, nothing a caller sent can forge another line.
///
/// Why      Programs read the log; text from outside is escaped, so a value cannot pretend to be a field.
/// Life     Built by app/; outlives those it is lent to.
/// Threads  `write` may be called from any thread; lines do not mix.
/// Not here The audit (audit/): the log may be lost, the audit may not.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace majed::telemetry {

enum class LogLevel : std::uint8_t { debug, info, warning, error, off };
enum class LogFormat : std::uint8_t { json, logfmt };

[[nodiscard]] std::string_view to_string(LogLevel level) noexcept;
/// nullopt for a name that is no level.
[[nodiscard]] std::optional<LogLevel> log_level_from(std::string_view name) noexcept;
[[nodiscard]] std::optional<LogFormat> log_format_from(std::string_view name) noexcept;

struct LogField {
    std::string_view name;  ///< snake_case, a literal.
    std::variant<std::string_view, std::int64_t, double, bool> value;
};

struct LogOptions {
    LogLevel level = LogLevel::info;
    LogFormat format = LogFormat::logfmt;
    std::ostream* stream = nullptr;  ///< Instead of standard error; must outlive the log.
};

/// One line without its newline.
[[nodiscard]] std::string format_line(LogFormat format, std::chrono::system_clock::time_point when,
                                      LogLevel level, std::string_view message,
                                      std::span<const LogField> fields);

class Log {
public:
    explicit Log(const LogOptions& options = {});
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;
    ~Log();

    [[nodiscard]] bool enabled(LogLevel level) const noexcept { return level >= options_.level; }
    void write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

    void debug(std::string_view message, std::initializer_list<LogField> fields = {});
    void info(std::string_view message, std::initializer_list<LogField> fields = {});
    void warning(std::string_view message, std::initializer_list<LogField> fields = {});
    void error(std::string_view message, std::initializer_list<LogField> fields = {});

private:
    struct Writer;
    LogOptions options_;
    std::unique_ptr<Writer> writer_;
};

}  // namespace majed::telemetry
