// SPDX-License-Identifier: Apache-2.0
#include "app/program.h"

#include "app/initial_files.h"
#include "app/root_keys.h"
#include "app/settings.h"
#include "app/wired_installation.h"
#include "driver/sqlite/process_memory.h"

#include <utility>

namespace majed::app {

Result<std::unique_ptr<cli::Installation>> MajedProgram::open(const cli::InstallationChoice& choice) {
    config::Overrides overrides;
    overrides.flags = choice.flags;
    overrides.environment = config::process_environment();
    auto document = config::Document::read(choice.configuration, std::move(overrides));
    if (!document) {
        Error error = std::move(document).error();
        if (error.code == ErrorCode::not_found && error.hint.empty()) {
            error.hint = "majed init makes a new installation; --config or MAJED_CONFIG names another file";
        }
        // A configuration that cannot be read is wrong usage, whatever the reason.
        error.code = ErrorCode::invalid_argument;
        return error;
    }
    MAJED_TRY_ASSIGN(Settings settings, read_settings(std::move(*document)));
    driver::sqlite::limit_process_memory(settings.sqlite_memory);
    return std::unique_ptr<cli::Installation>(std::make_unique<WiredInstallation>(std::move(settings)));
}

Result<cli::InitReport> MajedProgram::initialise(const std::string& folder, cli::InitialContent content) {
    return write_initial_files(folder, content);
}

Result<std::string> MajedProgram::generate_key(const std::string& file) {
    return generate_root_key(file);
}

std::string_view MajedProgram::version() const {
    return MAJED_VERSION;
}

}  // namespace majed::app
