// SPDX-License-Identifier: Apache-2.0
#include "cli/policy_commands.h"

#include "format/json.h"
#include "format/text.h"

#include <ostream>
#include <vector>

namespace majed::cli {

Result<void> export_policies(Context& context, const std::string& source) {
    MAJED_TRY_ASSIGN(Installation* const installation, context.opened());
    MAJED_TRY_ASSIGN(const std::string script, installation->native_script(source));
    context.terminal.out << script;
    return {};
}

Result<void> verify_policies(Context& context, const std::string& source) {
    MAJED_TRY_ASSIGN(Installation* const installation, context.opened());
    MAJED_TRY_ASSIGN(const std::vector<std::string> differences, installation->native_differences(source));
    if (context.output == Output::json) {
        std::string out;
        format::JsonWriter json(out);
        json.begin_object().key("holds").boolean(differences.empty());
        json.key("differences").texts(differences).end_object();
        context.terminal.out << out << "\n";
    } else {
        for (const std::string& difference : differences) {
            context.terminal.out << format::printable(difference) << "\n";
        }
        if (differences.empty()) context.terminal.out << "the server holds the rules\n";
    }
    // What is wrong has been told.
    return differences.empty() ? Result<void>() : Error{ErrorCode::internal, ""};
}

}  // namespace majed::cli
