// SPDX-License-Identifier: Apache-2.0
#include "migrate/migration_parts.h"

#include "core/ascii.h"
#include "core/utf8.h"
#include "format/text.h"

#include <algorithm>
#include <array>
#include <utility>

namespace majed::migrate {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view blanks = " \t\r\n\v\f";
/// Each costs a split of what stands before it.
constexpr std::size_t max_directives = 64;
constexpr std::size_t shown_of_directive = 40;

/// A line that may be one of ours: whether it is depends on what stands before it.
struct Directive {
    std::size_t begin = 0;  ///< Byte of its `--`.
    std::size_t end = 0;    ///< Byte after its line end.
    std::size_t line = 1;
    bool alone = true;  ///< Nothing but blanks before it on its line.
    std::string word = {};
    std::string misleading = {};  ///< What stands there, when it only looks like one.
};

std::size_t lines_in(std::string_view text) noexcept {
    return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

std::string_view trimmed(std::string_view text) noexcept {
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    return text.substr(0, text.find_last_not_of(blanks) + 1);
}

/// Also blanks that a web page or a chat leaves in what is copied from it.
constexpr std::array<std::string_view, 18> all_blanks{" ",
                                                      "\t",
                                                      "\r",
                                                      "\n",
                                                      "\v",
                                                      "\f",
                                                      "\xC2\xA0",
                                                      "\xE2\x80\x80",
                                                      "\xE2\x80\x82",
                                                      "\xE2\x80\x83",
                                                      "\xE2\x80\x89",
                                                      "\xE2\x80\x8A",
                                                      "\xE2\x80\x8B",
                                                      "\xE2\x80\xAF",
                                                      "\xE2\x81\xA0",
                                                      "\xE3\x80\x80",
                                                      "\xEF\xBB\xBF",
                                                      "\xE2\x80\x8D"};
constexpr std::array<std::string_view, 6> near_colons{":", ";", "-", "=", ".", "\xEF\xBC\x9A"};
constexpr std::array<std::string_view, 6> known_words{
    "up", "down", "no-transaction", "no transaction", "foreign-keys off", "foreign keys off"};
/// The first line of what other tools read; their way down would run with the way up.
constexpr std::array<std::string_view, 7> foreign_marks{
    "+goose ", "+migrate ", "migrate:up", "migrate:down", "//@undo", "liquibase formatted", "@undo"};

template <std::size_t N>
bool cut_prefix(std::string_view& text, const std::array<std::string_view, N>& prefixes) {
    for (const std::string_view prefix : prefixes) {
        if (text.starts_with(prefix)) {
            text.remove_prefix(prefix.size());
            return true;
        }
    }
    return false;
}

std::string_view without_blanks(std::string_view text) {
    while (cut_prefix(text, all_blanks)) {
    }
    return text;
}

bool cut_mark(std::string_view& text) {
    constexpr std::string_view mark = "majed";
    const bool marked = equal_ascii_case(text.substr(0, mark.size()), mark);
    text.remove_prefix(marked ? mark.size() : 0);
    return marked;
}

/// One blank between words.
std::string words_of(std::string_view text) {
    std::string words;
    bool gap = false;
    for (const char c : trimmed(text)) {
        const bool blank = blanks.find(c) != std::string_view::npos;
        if (!blank || !gap) {
            words += blank ? ' ' : c;
        }
        gap = blank;
    }
    return words;
}

/// `comment` is what follows `--` or `/*`: nearly one of ours, or one of another tool.
bool misleads(std::string_view comment) {
    constexpr std::array<std::string_view, 4> before{"-", "@", "*", "#"};
    std::string_view rest = without_blanks(comment);
    const std::string lower = ascii_lower(rest.substr(0, shown_of_directive));
    std::string_view tail = lower;
    if (cut_prefix(tail, foreign_marks)) {
        return true;
    }
    while (cut_prefix(rest, before)) {
        rest = without_blanks(rest);
    }
    if (!cut_mark(rest)) {
        return false;
    }
    rest = without_blanks(rest);
    if (rest.starts_with(':')) {
        return true;
    }
    cut_prefix(rest, near_colons);
    std::string words = ascii_lower(words_of(without_blanks(rest)));
    words.resize(words.find_last_not_of("*/.;: ") + 1);
    return std::ranges::find(known_words, words) != known_words.end();
}

/// `--majed:word`, however it is spaced and written: what is nearly one of ours must be told, not passed over.
std::optional<Directive> directive_in(std::string_view line) {
    for (std::size_t at = line.find_first_of("-/"); at != std::string_view::npos;
         at = line.find_first_of("-/", at + 1)) {
        const std::string_view opening = line.substr(at, 2);
        if (opening != "--" && opening != "/*") {
            continue;
        }
        Directive found;
        found.begin = at;
        found.alone = trimmed(line.substr(0, at)).empty();
        std::string_view rest = trimmed(line.substr(at + 2));
        if (opening == "--" && cut_mark(rest) && trimmed(rest).starts_with(':')) {
            found.word = words_of(trimmed(rest).substr(1));
            return found;
        }
        if (misleads(line.substr(at + 2))) {
            found.misleading = words_of(line.substr(at));
            return found;
        }
    }
    return std::nullopt;
}

/// One more than may be looked at, at most.
std::vector<Directive> directives_in(std::string_view text) {
    std::vector<Directive> found;
    std::size_t line = 1;
    for (std::size_t begin = 0; begin < text.size() && found.size() <= max_directives; ++line) {
        const std::size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
        if (auto directive = directive_in(text.substr(begin, end - begin))) {
            directive->begin += begin;
            directive->end = end;
            directive->line = line;
            found.push_back(std::move(*directive));
        }
        begin = end;
    }
    return found;
}

/// Its last words are `END;` or `END name;`: its author took it for ended.
bool looks_ended(std::string_view block) {
    constexpr std::string_view between = " \t\r\n;";
    std::array<std::string, 2> words;
    for (std::string& word : words) {
        const std::size_t end = block.find_last_not_of(between);
        block = block.substr(0, end + 1);
        const std::size_t gap = block.find_last_of(between);
        const std::size_t begin = gap == std::string_view::npos ? 0 : gap + 1;
        word = ascii_lower(block.substr(begin));
        block = block.substr(0, begin);
    }
    const auto& [last, before] = words;
    return last == "end" || (before == "end" && last != "if" && last != "loop" && last != "case");
}

/// What stands between two borders. Lines are 0 where there is no such directive.
struct Section {
    bool undoes = false;
    std::size_t border_line = 0;
    std::size_t no_transaction_line = 0;
    std::size_t foreign_keys_line = 0;
    std::size_t begin = 0;
    std::size_t line = 1;  ///< Of `begin`.
    Script script = {};
};

class Reading {
public:
    Reading(Dialect dialect, std::string_view text, FileRole role)
        : dialect_(dialect), text_(text), role_(role) {
        section_.undoes = role == FileRole::undoing;
    }

    MigrationParts read() {
        const auto directives = directives_in(text_);
        if (directives.size() > max_directives) {
            mistake(directives.back().line, "more than 64 lines look like `-- majed:`");
            return std::move(parts_);
        }
        for (const Directive& directive : directives) {
            take(directive);
        }
        auto last = split_to(text_.size());
        if (last) {
            close(std::move(*last));
        } else {
            refuse(last.error());
        }
        std::ranges::stable_sort(parts_.mistakes, {}, &Mistake::line);
        return std::move(parts_);
    }

private:
    void mistake(std::size_t line, std::string what) { parts_.mistakes.push_back({line, std::move(what)}); }

    void refuse(const Error& error) {
        const std::size_t inside = std::min(error.offset.value_or(0), text_.size() - section_.begin);
        mistake(section_.line + lines_in(text_.substr(section_.begin, inside)),
                error.hint.empty() ? error.message : error.message + "; " + error.hint);
    }

    Result<Script> split_to(std::size_t end) const {
        return split_script(dialect_, text_.substr(section_.begin, end - section_.begin));
    }

    void take(const Directive& directive) {
        auto before = split_to(directive.begin);
        if (!before || !ends_before(directive, before->statements)) {
            return;  // It stands inside of something that began before it.
        }
        if (!directive.alone && in_line_comment(directive, before->statements)) {
            return;
        }
        if (!directive.misleading.empty()) {
            mistake(directive.line,
                    "`" + format::fitted(format::printable(directive.misleading), shown_of_directive) +
                        "` is no directive here; there are `-- majed:up`, `-- majed:down`, "
                        "`-- majed:no-transaction` and `-- majed:foreign-keys off`");
        } else if (!directive.alone) {
            mistake(directive.line, "`-- majed:` needs a line of its own");
        } else if (directive.word == "up" || directive.word == "down") {
            begin_section(directive, std::move(*before));
        } else if (directive.word == "no-transaction" || directive.word == "foreign-keys off") {
            set(directive, before->statements.empty());
        } else {
            mistake(directive.line,
                    "`-- majed:" + format::fitted(format::printable(directive.word), shown_of_directive) +
                        "` is not known; there are `up`, `down`, `no-transaction` and `foreign-keys off`");
        }
    }

    /// A block of PL/SQL splits without its `/` too, at the end of a text. It goes on when a semicolon and a statement
    /// behind it are part of it.
    bool ends_before(const Directive& directive, const std::vector<ScriptStatement>& before) {
        std::string probe(text_.substr(section_.begin, directive.begin - section_.begin));
        probe += "\n;\nSELECT 1";
        const auto split = split_script(dialect_, probe);
        if (split && split->statements.size() == before.size() + 1) {
            return true;
        }
        if (!before.empty() && looks_ended(before.back().text)) {
            mistake(directive.line, "`-- majed:` stands in the block that begins on line " +
                                        std::to_string(before.back().line + section_.line - 1) +
                                        "; a line with `/` alone ends it");
        }
        return false;
    }

    /// What else would stand on its line, another statement, is swallowed by a comment that began there.
    bool in_line_comment(const Directive& directive, const std::vector<ScriptStatement>& before) const {
        const std::string_view part = text_.substr(section_.begin, directive.begin - section_.begin);
        if (part.substr(part.rfind('\n') + 1).find("--") == std::string_view::npos) {
            return false;
        }
        const auto split = split_script(dialect_, std::string(part) + ";SELECT 1");
        return split && split->statements.size() == before.size();
    }

    void set(const Directive& directive, bool in_head) {
        if (!in_head) {
            mistake(directive.line,
                    "`-- majed:" + directive.word + "` belongs before the first statement of its part");
        }
        if (directive.word == "no-transaction") {
            section_.no_transaction_line = directive.line;
            return;
        }
        section_.foreign_keys_line = directive.line;
        if (dialect_ != Dialect::sqlite) {
            mistake(directive.line, "`-- majed:foreign-keys off` is for SQLite alone");
        }
    }

    void begin_section(const Directive& directive, Script before) {
        if (role_ == FileRole::undoing) {
            mistake(directive.line,
                    "all of a `.down.sql` is the way down; leave out `-- majed:" + directive.word + "`");
            return;
        }
        close(std::move(before));
        section_ = Section{};
        section_.undoes = directive.word == "down";
        section_.border_line = directive.line;
        section_.begin = directive.end;
        section_.line = directive.line + 1;
    }

    void close(Script script) {
        section_.script = std::move(script);
        for (ScriptStatement& statement : section_.script.statements) {
            statement.offset += section_.begin;
            statement.line += section_.line - 1;
        }
        if (section_.undoes) {
            if (parts_.down) {
                mistake(section_.border_line, "`-- majed:down`, but there is a down part already");
            }
            parts_.down = part_of(section_);
            return;
        }
        if (up_ && up_->border_line == 0 && up_->script.statements.empty()) {
            // The head of the file is the head of `up`.
            section_.no_transaction_line = std::max(section_.no_transaction_line, up_->no_transaction_line);
            section_.foreign_keys_line = std::max(section_.foreign_keys_line, up_->foreign_keys_line);
        } else if (up_) {
            mistake(section_.border_line, "`-- majed:up`, but there is an up part already");
        }
        up_ = section_;
        parts_.up = part_of(section_);
    }

    MigrationPart part_of(const Section& section) {
        MigrationPart part;
        part.script = section.script;
        part.foreign_keys_off = section.foreign_keys_line != 0;
        part.stepwise = section.no_transaction_line != 0 || dialect_ == Dialect::oracle;
        for (const ScriptStatement& statement : part.script.statements) {
            part.stepwise = part.stepwise || statement.fit == TransactionFit::outside;
            if (statement.fit == TransactionFit::control) {
                mistake(statement.line, "transaction control; a migration is one transaction already");
            }
        }
        if (part.foreign_keys_off && part.stepwise && dialect_ == Dialect::sqlite) {
            mistake(section.foreign_keys_line,
                    "`-- majed:foreign-keys off` needs a transaction, and this part runs without one");
        }
        return part;
    }

    Dialect dialect_;
    std::string_view text_;
    FileRole role_;
    Section section_ = {};  ///< The one that is being read.
    std::optional<Section> up_ = {};
    MigrationParts parts_ = {};
};

/// The first of its kind each; nothing but UTF-8 is looked at further.
std::vector<Mistake> wrong_bytes(std::string_view text) {
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
        return {{1, "is UTF-16; save it as UTF-8"}};
    }
    std::vector<Mistake> found;
    const auto nul = text.find('\0');
    if (nul != std::string_view::npos) {
        found.push_back({lines_in(text.substr(0, nul)) + 1, "has a NUL byte"});
    }
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = next_code_point(text.substr(at));
        if (!point.valid) {
            found.push_back({lines_in(text.substr(0, at)) + 1, "is not UTF-8"});
            break;
        }
        at += point.length;
    }
    if (text.find('\r') != std::string_view::npos && text.find('\n') == std::string_view::npos) {
        found.push_back({1, "its lines end in CR alone; write LF or CRLF"});
    }
    std::ranges::stable_sort(found, {}, &Mistake::line);
    return found;
}

void shift(Script& script, std::size_t bytes) {
    for (ScriptStatement& statement : script.statements) {
        statement.offset += bytes;
    }
}

}  // namespace

MigrationParts read_parts(Dialect dialect, std::string_view bytes, FileRole role) {
    MigrationParts parts;
    parts.mistakes = wrong_bytes(bytes);
    if (!parts.mistakes.empty()) {
        return parts;
    }
    const std::size_t mark = bytes.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
    parts = Reading(dialect, bytes.substr(mark), role).read();
    shift(parts.up.script, mark);
    if (parts.down) {
        shift(parts.down->script, mark);
    }
    return parts;
}

}  // namespace majed::migrate
