// SPDX-License-Identifier: Apache-2.0
#include "cli/key_commands.h"

#include "cli/reseal_progress.h"
#include "format/json.h"
#include "format/text.h"
#include "format/text_table.h"

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <string_view>
#include <vector>

namespace majed::cli {
namespace {

std::string texts_of(std::uint64_t count) {
    return std::to_string(count) + (count == 1 ? " text" : " texts");
}

void append_members(format::JsonWriter& json, const store::ResealReport& report) {
    json.key("root").text(report.root).key("complete").boolean(report.complete);
    json.key("texts").integer(static_cast<std::int64_t>(report.texts));
    json.key("resealed").integer(static_cast<std::int64_t>(report.resealed));
    json.key("unopened").integer(static_cast<std::int64_t>(report.unopened));
    json.key("unopened_places").texts(report.unopened_places);
}

std::string json_of(const store::ResealReport& report) {
    std::string out;
    format::JsonWriter json(out);
    json.begin_object();
    append_members(json, report);
    json.end_object();
    return out;
}

std::string sentence_of(const store::ResealReport& report) {
    return texts_of(report.texts - report.unopened) + " under the root key " + report.root + ", " +
           std::to_string(report.resealed) + " of them resealed now\n";
}

/// Nothing is said to be done when something was left behind.
Result<void> completeness_of(const store::ResealReport& report) {
    if (report.complete) return {};
    std::string places;
    for (const std::string& place : report.unopened_places) places += (places.empty() ? "" : ", ") + place;
    if (report.unopened > report.unopened_places.size()) places += ", ...";
    return Error{.code = ErrorCode::conflict,
                 .message = texts_of(report.unopened) + " could not be opened, and left as found: " + places,
                 .hint = "put back the key file or the rows that fit, or delete them; then majed key reseal"};
}

Result<store::ResealReport> reseal_with_bar(Context& context, store::SealWalk& walk) {
    ResealBar bar(context.terminal);
    return walk.reseal([&bar](const store::ResealProgress& progress) {
        bar.show(progress);
        return store::WalkOn::yes;
    });
}

/// What became of a key file: for programs its path and the id of the root.
void print_root(Context& context, const std::string& file, const std::string& id, const std::string& text) {
    if (context.output == Output::text) {
        context.terminal.out << text;
        return;
    }
    std::string out;
    format::JsonWriter json(out);
    json.begin_object().key("id").text(id).key("file").text(file).end_object();
    context.terminal.out << out << "\n";
}

struct Rotation {
    std::string id = {};  ///< Empty: no root was added.
    std::optional<store::ResealReport> report = {};
};

void print_rotation(Context& context, const std::string& file, const Rotation& rotation) {
    if (context.output == Output::text) {
        context.terminal.out << "new root key " << rotation.id << " in " << format::printable(file) << "\n"
                             << (rotation.report ? sentence_of(*rotation.report) : std::string())
                             << "A running server takes it by itself. Copy the file to where you keep its "
                                "copy.\n";
        return;
    }
    std::string out;
    format::JsonWriter json(out);
    json.begin_object().key("id").text(rotation.id).key("file").text(file).key("reseal");
    if (rotation.report) {
        json.begin_object();
        append_members(json, *rotation.report);
        json.end_object();
    } else {
        json.null();
    }
    json.end_object();
    context.terminal.out << out << "\n";
}

std::string details_of(const Rotation& rotation) {
    std::string out;
    format::JsonWriter json(out);
    json.begin_object().key("id").text(rotation.id);
    if (rotation.report) append_members(json, *rotation.report);
    json.end_object();
    return out;
}

std::string use_of(const RootKeyLine& root) {
    std::string use = root.encrypts ? "encrypts" : "decrypts";
    if (root.derives) use += "; pseudonyms, signatures";
    return use;
}

/// Absent: they were not counted.
using Census = std::optional<store::SealCensus>;

std::optional<std::uint64_t> texts_under(const Census& census, const std::string& root) {
    if (!census) return std::nullopt;
    const auto found = census->by_root.find(root);
    return found == census->by_root.end() ? 0 : found->second;
}

void append_count(format::JsonWriter& json, std::optional<std::uint64_t> count) {
    if (count) {
        json.integer(static_cast<std::int64_t>(*count));
    } else {
        json.null();
    }
}

std::string roots_json(const std::vector<RootKeyLine>& roots, const Census& census) {
    std::string out;
    format::JsonWriter json(out);
    json.begin_object().key("items").begin_array();
    for (const RootKeyLine& root : roots) {
        json.begin_object().key("id").text(root.id).key("created").text_or_null(root.created);
        json.key("encrypts").boolean(root.encrypts).key("derives").boolean(root.derives).key("texts");
        append_count(json, texts_under(census, root.id));
        json.end_object();
    }
    json.end_array().key("next").null().key("resealed");
    if (census) {
        json.boolean(census->resealed);
    } else {
        json.null();
    }
    json.key("unknown_texts");
    append_count(json, census ? std::optional(census->unknown) : std::nullopt);
    json.end_object();
    out += '\n';
    return out;
}

std::string roots_table(const std::vector<RootKeyLine>& roots, const Census& census) {
    format::TextTable table({"ID", "CREATED", "USE", "TEXTS"});
    for (const RootKeyLine& root : roots) {
        const auto texts = texts_under(census, root.id);
        table.add({{root.id},
                   {root.created.empty() ? "unknown" : root.created},
                   {use_of(root)},
                   {texts ? std::to_string(*texts) : "unknown"}});
    }
    std::string out;
    table.append_to(out);
    if (!census) return out;
    if (!census->resealed) out += "not everything is known to be under the newest one: majed key reseal\n";
    if (census->unknown > 0) out += texts_of(census->unknown) + " under none of them\n";
    return out;
}

/// Ids have one shape; others do not go into the audit.
bool is_root_id(std::string_view text) {
    constexpr std::size_t length = 16;
    return text.size() == length && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

}  // namespace

Result<void> generate_key(Context& context, const std::string& file) {
    std::string path = file;
    if (path.empty()) {
        MAJED_TRY_ASSIGN(Installation* const installation, context.opened());
        path = installation->key_file();
    }
    MAJED_TRY_ASSIGN(const std::string id, context.program.generate_key(path));
    print_root(context, path, id, "wrote " + format::printable(path) + " with the root key " + id + "\n");
    return {};
}

Result<void> rotate_key(Context& context) {
    MAJED_TRY_ASSIGN(Installation* const installation, context.opened());
    MAJED_TRY_ASSIGN(store::SealWalk* const walk, installation->seal_walk());
    Rotation rotation;
    std::string details;
    AdministrativeAct act{.action = "key.rotate", .resource = "key", .resource_id = {}};
    act.details = &details;
    auto done = audited(context, act, [&]() -> Result<void> {
        // First: a file that lacks the store's root is an old copy, and must not get another one.
        MAJED_TRY(walk->adopt());
        MAJED_TRY_ASSIGN(rotation.id, installation->rotate_key());
        details = details_of(rotation);
        auto report = reseal_with_bar(context, *walk);
        if (!report) return std::move(report).error().with_hint("majed key reseal goes on");
        rotation.report = std::move(*report);
        details = details_of(rotation);
        return completeness_of(*rotation.report);
    });
    if (!rotation.id.empty()) print_rotation(context, installation->key_file(), rotation);
    return done;
}

Result<void> reseal_texts(Context& context) {
    MAJED_TRY_ASSIGN(Installation* const installation, context.opened());
    MAJED_TRY_ASSIGN(store::SealWalk* const walk, installation->seal_walk());
    std::optional<store::ResealReport> report;
    std::string details;
    AdministrativeAct act{.action = "key.reseal", .resource = "key", .resource_id = {}};
    act.details = &details;
    auto done = audited(context, act, [&]() -> Result<void> {
        MAJED_TRY_ASSIGN(report, reseal_with_bar(context, *walk));
        details = json_of(*report);
        return completeness_of(*report);
    });
    if (report) {
        context.terminal.out << (context.output == Output::json ? details + "\n" : sentence_of(*report));
    }
    return done;
}

Result<void> retire_key(Context& context, const std::string& id) {
    if (!is_root_id(id)) {
        return Error{ErrorCode::invalid_argument, "the id of a root key has 16 digits, 0 to 9 and a to f",
                     "majed key list shows them"};
    }
    MAJED_TRY_ASSIGN(Installation* const installation, context.opened());
    MAJED_TRY_ASSIGN(store::SealWalk* const walk, installation->seal_walk());
    const AdministrativeAct act{.action = "key.retire", .resource = "key", .resource_id = id};
    MAJED_TRY(audited(context, act, [&] { return walk->retire(id); }));
    const std::string file = installation->key_file();
    print_root(context, file, id,
               "took the root key " + id + " out of " + format::printable(file) +
                   "\nCopies of the store from before need a copy of the file from before.\n");
    return {};
}

Result<void> list_keys(Context& context) {
    MAJED_TRY_ASSIGN(Installation* const installation, context.opened());
    MAJED_TRY_ASSIGN(const std::vector<RootKeyLine> roots, installation->root_keys());
    const auto count = [&]() -> Result<store::SealCensus> {
        MAJED_TRY_ASSIGN(store::SealWalk* const walk, installation->seal_walk());
        return walk->count();
    };
    // The file can be looked at also when the store cannot.
    Census census;
    if (auto counted = count()) {
        census = std::move(*counted);
    } else {
        context.terminal.err << "majed: texts were not counted: "
                             << format::printable(counted.error().message) << "\n";
    }
    context.terminal.out << (context.output == Output::json ? roots_json(roots, census)
                                                            : roots_table(roots, census));
    return {};
}

}  // namespace majed::cli
