// SPDX-License-Identifier: Apache-2.0
#include "cli/key_commands.h"

#include "format/json.h"
#include "format/text.h"
#include "format/text_table.h"

#include <ostream>
#include <vector>

namespace majed::cli {
namespace {

/// What became of a key file: for programs its path and the id of the new root.
void print_new_root(Context& context, const std::string& file, const std::string& id,
                    const std::string& text) {
    if (context.output == Output::text) {
        context.terminal.out << text;
        return;
    }
    std::string out;
    format::JsonWriter json(out);
    json.begin_object().key("id").text(id).key("file").text(file).end_object();
    context.terminal.out << out << "\n";
}

std::string use_of(const RootKeyLine& root) {
    std::string use = root.encrypts ? "encrypts" : "decrypts";
    if (root.derives) use += "; pseudonyms, signatures";
    return use;
}

std::string roots_json(const std::vector<RootKeyLine>& roots) {
    std::string out;
    format::JsonWriter json(out);
    json.begin_object().key("items").begin_array();
    for (const RootKeyLine& root : roots) {
        json.begin_object().key("id").text(root.id).key("created");
        if (root.created.empty()) {
            json.null();
        } else {
            json.text(root.created);
        }
        json.key("encrypts").boolean(root.encrypts).key("derives").boolean(root.derives).end_object();
    }
    json.end_array().key("next").null().end_object();
    out += '\n';
    return out;
}

std::string roots_table(const std::vector<RootKeyLine>& roots) {
    format::TextTable table({"ID", "CREATED", "USE"});
    for (const RootKeyLine& root : roots) {
        table.add({{root.id}, {root.created.empty() ? "unknown" : root.created}, {use_of(root)}});
    }
    std::string out;
    table.append_to(out);
    return out;
}

}  // namespace

Result<void> generate_key(Context& context, const std::string& file) {
    std::string path = file;
    if (path.empty()) {
        MAJED_TRY_ASSIGN(Installation* const installation, context.opened());
        path = installation->key_file();
    }
    MAJED_TRY_ASSIGN(const std::string id, context.program.generate_key(path));
    print_new_root(context, path, id, "wrote " + format::printable(path) + " with the root key " + id + "\n");
    return {};
}

Result<void> rotate_key(Context& context) {
    MAJED_TRY_ASSIGN(Installation* const installation, context.opened());
    std::string id;
    std::string details;
    AdministrativeAct act{.action = "key.rotate", .resource = "key", .resource_id = {}};
    act.details = &details;
    MAJED_TRY(audited(context, act, [&]() -> Result<void> {
        MAJED_TRY_ASSIGN(id, installation->rotate_key());
        details = R"({"id":")" + id + R"("})";
        return {};
    }));
    const std::string file = installation->key_file();
    print_new_root(
        context, file, id,
        "new root key " + id + " in " + format::printable(file) +
            "\nA running server takes it at its next start. Copy the file to where you keep its copy.\n");
    return {};
}

Result<void> list_keys(Context& context) {
    MAJED_TRY_ASSIGN(Installation* const installation, context.opened());
    MAJED_TRY_ASSIGN(const std::vector<RootKeyLine> roots, installation->root_keys());
    context.terminal.out << (context.output == Output::json ? roots_json(roots) : roots_table(roots));
    return {};
}

}  // namespace majed::cli
