// SPDX-License-Identifier: Apache-2.0
#include "script.h"

#include <array>
#include <charconv>

#include "sql_scan.h"

namespace majed::oci_double {
namespace {

struct EventName {
    std::string_view word;
    Event event;
};

constexpr auto event_names = std::to_array<EventName>({
    {"connect", Event::connect},
    {"execute", Event::execute},
    {"fetch", Event::fetch},
    {"ping", Event::ping},
    {"commit", Event::commit},
    {"rollback", Event::rollback},
    {"lob_read", Event::lob_read},
    {"lob_write", Event::lob_write},
    {"logoff", Event::logoff},
});

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blank = " \t\r\n";
    const std::size_t first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

/// Cuts the first word off.
std::string_view take_word(std::string_view& text) {
    text = trimmed(text);
    const std::string_view word = text.substr(0, text.find_first_of(" \t"));
    text = trimmed(text.substr(word.size()));
    return word;
}

std::optional<std::uint64_t> read_number(std::string_view text) {
    std::uint64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

bool read_milliseconds(std::string_view text, std::chrono::milliseconds& out) {
    const auto number = read_number(text);
    out = std::chrono::milliseconds{number.value_or(0)};
    return number.has_value();
}

bool read_error(std::string_view text, Failure& out) {
    const auto code = read_number(take_word(text));
    if (!code) {
        return false;
    }
    std::string_view rest = text;
    const auto offset = read_number(take_word(rest));
    out = offset ? oracle_error(static_cast<int>(*code), rest, static_cast<int>(*offset))
                 : oracle_error(static_cast<int>(*code), text);
    return true;
}

bool read_columns(std::string_view text, std::vector<Column>& out) {
    const ScannedSql scanned = scan_sql(text);
    const std::vector<Token>& tokens = scanned.tokens;
    std::size_t at = 0;
    while (at + 1 < tokens.size()) {
        Column column;
        column.name = tokens[at++].text;
        const auto type = take_type(tokens, at);
        if (!type || at >= tokens.size()) {
            return false;
        }
        column.type = *type;
        out.push_back(std::move(column));
        at += tokens[at].is_symbol(",") ? 1U : 0U;
    }
    return !scanned.problem && !out.empty();
}

std::string from_hexadecimal(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at + 1 < text.size(); at += 2) {
        unsigned byte = 0;
        std::from_chars(text.data() + at, text.data() + at + 2, byte, 16);
        out += static_cast<char>(byte);
    }
    return out;
}

/// 'text', 12.5, NULL, X'00ff'.
bool read_row(std::string_view text, Row& out) {
    const ScannedSql scanned = scan_sql(text);
    bool negative = false;
    bool bytes = false;
    for (const Token& token : scanned.tokens) {
        if (token.is("NULL")) {
            out.emplace_back(Null{});
        } else if (token.is("X")) {
            bytes = true;
        } else if (token.kind == TokenKind::text && bytes) {
            out.emplace_back(Bytes{from_hexadecimal(token.text)});
            bytes = false;
        } else if (token.kind == TokenKind::text) {
            out.emplace_back(token.text);
        } else if (token.is_symbol("-")) {
            negative = true;
        } else if (token.kind == TokenKind::number) {
            out.emplace_back((negative ? "-" : "") + token.text);
            negative = false;
        } else if (token.kind != TokenKind::end && !token.is_symbol(",")) {
            return false;
        }
    }
    return !scanned.problem;
}

class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) {}

    Script run() {
        while (!text_.empty()) {
            const std::size_t end = text_.find('\n');
            const std::string_view line = trimmed(text_.substr(0, end));
            text_ = end == std::string_view::npos ? std::string_view{} : text_.substr(end + 1);
            if (!line.empty() && line.front() != '#' && !read_line(line)) {
                out_.problem = "the script's line is not understood: " + std::string{line};
                break;
            }
        }
        close_rule();
        return std::move(out_);
    }

private:
    void close_rule() {
        if (!out_.rules.empty() && answer_) {
            out_.rules.back().fate.answer = std::make_shared<const CannedAnswer>(std::move(*answer_));
        }
        answer_.reset();
    }

    CannedAnswer& answer() {
        if (!answer_) {
            answer_.emplace();
        }
        return *answer_;
    }

    bool read_line(std::string_view line) {
        std::string_view rest = line;
        const std::string_view word = take_word(rest);
        if (word == "on") {
            close_rule();
            return read_event(rest);
        }
        if (word == "server") {
            return read_server(rest);
        }
        return !out_.rules.empty() && read_rule(out_.rules.back(), word, rest);
    }

    bool read_event(std::string_view rest) {
        const std::string_view word = take_word(rest);
        for (const EventName& name : event_names) {
            if (name.word == word) {
                Rule rule;
                rule.event = name.event;
                std::string_view after = rest;
                if (const auto row = read_number(take_word(after)); row && rule.event == Event::fetch) {
                    rule.row = *row;
                    rest = after;
                }
                rule.pattern = normalised(scan_sql(rest).tokens);
                out_.rules.push_back(std::move(rule));
                return true;
            }
        }
        return false;
    }

    bool read_server(std::string_view rest) {
        const std::string_view word = take_word(rest);
        ServerWishes& server = out_.server;
        if (word == "down" || word == "up") {
            server.down = word == "down";
        } else if (word == "generation") {
            server.generation = read_number(rest);
            return server.generation.has_value();
        } else if (word == "password") {
            server.password = std::string{rest};
        } else if (word == "timeout_loses_session") {
            server.timeout_loses_session = rest != "no";
        } else if (word == "read_only") {
            server.read_only = rest != "no";
        } else {
            return false;
        }
        return true;
    }

    bool read_rule(Rule& rule, std::string_view word, std::string_view rest) {
        if (word == "first") {
            rule.first = read_number(rest);
            return rule.first.has_value();
        }
        if (word == "skip") {
            rule.skip = read_number(rest).value_or(0);
            return read_number(rest).has_value();
        }
        if (word == "columns") {
            return read_columns(rest, answer().columns);
        }
        if (word == "row") {
            Row row;
            const bool understood = read_row(rest, row) && row.size() == answer().columns.size();
            answer().rows.push_back(std::move(row));
            return understood;
        }
        if (word == "affected") {
            answer().affected = read_number(rest).value_or(0);
            return read_number(rest).has_value();
        }
        return read_fate(rule.fate, word, rest);
    }

    std::string_view text_;
    Script out_;
    std::optional<CannedAnswer> answer_;
};

}  // namespace

bool Fate::is_empty() const {
    return delay.count() == 0 && hang.count() == 0 && !loses_session && !error && !answer;
}

bool read_fate(Fate& fate, std::string_view word, std::string_view value) {
    if (word == "delay") {
        return read_milliseconds(value, fate.delay);
    }
    if (word == "hang") {
        return read_milliseconds(value, fate.hang);
    }
    if (word == "error") {
        return read_error(value, fate.error);
    }
    if (word == "lose") {
        fate.loses_session = true;
        return true;
    }
    return false;
}

Script parse_script(std::string_view text) {
    return Parser(text).run();
}

bool matches(std::string_view pattern, std::string_view subject) {
    std::size_t at = 0;
    std::size_t in = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    while (in < subject.size()) {
        if (at < pattern.size() && pattern[at] == '*') {
            star = at++;
            resume = in;
        } else if (at < pattern.size() && pattern[at] == subject[in]) {
            ++at;
            ++in;
        } else if (star != std::string_view::npos) {
            at = star + 1;
            in = ++resume;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of("* ", at) == std::string_view::npos;
}

std::optional<Fate> take_fate(Script& script, Event event, std::string_view subject, std::uint64_t row) {
    for (Rule& rule : script.rules) {
        if (rule.event != event || rule.row != row ||
            !(rule.pattern.empty() || matches(rule.pattern, subject))) {
            continue;
        }
        const std::uint64_t turn = rule.met++;
        if (turn >= rule.skip && (!rule.first || turn < rule.skip + *rule.first)) {
            return rule.fate;
        }
    }
    return std::nullopt;
}

}  // namespace majed::oci_double
