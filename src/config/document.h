/// A configuration file read, its keys asked for one by one, every mistake said with file, line and key.
///
/// Why      Start is refused with all mistakes at once, and a key that nobody asked for is one of them.
/// Life     Table borrows its Document, which must outlive it. Ask, then call finish().
/// Threads  One thread at a time.
/// Not here Which keys exist and what they mean: the wiring in app/ asks for them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/secret.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace majed::config {

using TextMap = std::map<std::string, std::string, std::less<>>;

/// The variables of this process.
[[nodiscard]] TextMap process_environment();

/// What stands above the file: a flag wins over the environment, the environment over the file.
struct Overrides {
    TextMap flags;  ///< `server.listen` -> text.
    TextMap
        environment;  ///< `MAJED_SERVER_LISTEN` -> text; also what `${NAME}` in the file is replaced from.
};

// How a key is declared. Without a fallback the key is required. `text` explains it in one line.
struct TextKey {
    std::optional<std::string> fallback = {};
    std::string_view text = {};
    std::vector<std::string> one_of = {};  ///< Empty: any text.
};
struct FlagKey {
    std::optional<bool> fallback = {};
    std::string_view text = {};
};
struct IntegerKey {
    std::optional<std::int64_t> fallback = {};
    std::string_view text = {};
    std::int64_t min = std::numeric_limits<std::int64_t>::min();
    std::int64_t max = std::numeric_limits<std::int64_t>::max();
};
/// `500ms`, `30s`, `2m`, `1h`, `1d`.
struct DurationKey {
    std::optional<std::chrono::milliseconds> fallback = {};
    std::string_view text = {};
    std::chrono::milliseconds min{0};
    std::chrono::milliseconds max = std::chrono::hours(24 * 366);
};
/// `1024`, `64KiB`, `64MiB`, `1GiB`, `10kB`, `10MB`.
struct SizeKey {
    std::optional<std::uint64_t> fallback = {};
    std::string_view text = {};
    std::uint64_t min = 0;
    std::uint64_t max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
};
struct TextsKey {
    std::optional<std::vector<std::string>> fallback = {};
    std::string_view text = {};
};

struct Node;     // One value of the file; toml_tree.h.
struct Reading;  // Files, overrides, mistakes and declared keys of one Document.

/// One key that was asked for, and where its value came from: for `config show` and `config reference`.
struct Setting {
    std::string path;    ///< `server.listen`, `sources[sales].pool.max`.
    std::string value;   ///< As text; `***` for a secret; empty when nothing was given.
    std::string origin;  ///< `majed.toml:3`, `environment MAJED_SERVER_LISTEN`, `flag`, `default`, `missing`.
    std::string expected;
    std::string text;
};

/// One table of the file, or an empty one where the file has none: defaults and overrides still apply.
///
/// A getter whose value is missing or unreadable records the mistake and returns the fallback or an empty
/// value; Document::finish() reports it.
class Table {
public:
    [[nodiscard]] std::string text(std::string_view key, const TextKey& declared = {});
    [[nodiscard]] std::optional<std::string> optional_text(std::string_view key, std::string_view text = {});
    [[nodiscard]] bool flag(std::string_view key, const FlagKey& declared = {});
    [[nodiscard]] std::int64_t integer(std::string_view key, const IntegerKey& declared = {});
    [[nodiscard]] std::chrono::milliseconds duration(std::string_view key, const DurationKey& declared = {});
    [[nodiscard]] std::uint64_t size(std::string_view key, const SizeKey& declared = {});
    /// An array of texts; one text counts as an array of one. An override is split at commas.
    [[nodiscard]] std::vector<std::string> texts(std::string_view key, const TextsKey& declared = {});
    /// From `key`, or from the file that `key`_file names (relative to the configuration file; one trailing
    /// newline is cut). Both at once is a mistake. nullopt when neither is given.
    [[nodiscard]] std::optional<Secret> secret(std::string_view key, std::string_view text = {});

    [[nodiscard]] Table table(std::string_view key);
    /// The `[[key]]` tables in order of appearance, those of included files last. Their overrides use the
    /// table's `name`: `MAJED_SOURCES_SALES_USER`, flag `sources.sales.user`.
    [[nodiscard]] std::vector<Table> array_of_tables(std::string_view key);

    /// True when the file itself has the table.
    [[nodiscard]] bool present() const noexcept;
    [[nodiscard]] bool has(std::string_view key) const;
    /// `majed.toml:12`, for messages and rules; the file's name alone when the table is not present.
    [[nodiscard]] std::string origin() const;
    [[nodiscard]] std::string origin(std::string_view key) const;
    /// Folder of the file the table stands in: what relative paths inside it are relative to.
    [[nodiscard]] std::string folder() const;
    /// Records a mistake the caller found, at the line of `key`.
    void mistake(std::string_view key, std::string_view what);

private:
    friend class Document;
    Table(Reading& reading, const Node* node, std::string path, std::string override_path);

    Reading* reading_;
    const Node* node_;           ///< Null where the file has no such table.
    std::string path_;           ///< `sources[sales].pool`; empty for the root.
    std::string override_path_;  ///< `sources.sales.pool`; `-` where overrides cannot reach.
};

class Document {
public:
    /// Reads a TOML file and the files its top-level `include` names. Errors: not_found, unavailable,
    /// invalid_argument (syntax), with file and line. `${NAME}` without a value and a key given twice are
    /// mistakes for finish().
    [[nodiscard]] static Result<Document> read(const std::string& file, Overrides overrides);
    /// The same from memory; `name` stands for the file in messages, includes are relative to its folder.
    [[nodiscard]] static Result<Document> parse(std::string_view text, const std::string& name,
                                                Overrides overrides);
    Document(Document&&) noexcept;
    Document& operator=(Document&&) noexcept;
    Document(const Document&) = delete;
    Document& operator=(const Document&) = delete;
    ~Document();

    [[nodiscard]] Table root();
    /// Short for root().table(key).
    [[nodiscard]] Table table(std::string_view key);
    [[nodiscard]] std::vector<Table> array_of_tables(std::string_view key);

    /// Errors: invalid_argument with one line per mistake: `majed.toml:3: server.listen: expected ...`; keys
    /// nobody asked for are mistakes.
    [[nodiscard]] Result<void> finish();
    /// Every key asked for so far, in order.
    [[nodiscard]] const std::vector<Setting>& settings() const noexcept;
    /// The files read, the main one first: what a watcher must watch.
    [[nodiscard]] const std::vector<std::string>& files() const noexcept;

private:
    explicit Document(std::unique_ptr<Reading> reading);
    std::unique_ptr<Reading> reading_;
};

}  // namespace majed::config
