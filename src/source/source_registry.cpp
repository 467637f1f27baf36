// SPDX-License-Identifier: Apache-2.0
#include "source/source_registry.h"

#include <algorithm>
#include <utility>

namespace majed::source {

Result<void> SourceRegistry::add(std::unique_ptr<Source> source) {
    const std::string& name = source->options().name;
    if (std::any_of(sources_.begin(), sources_.end(),
                    [&](const auto& known) { return known->options().name == name; })) {
        return Error{ErrorCode::conflict, "there is already a source named " + name};
    }
    sources_.push_back(std::move(source));
    return {};
}

Result<Source*> SourceRegistry::find(std::string_view name) const {
    if (name.empty() && sources_.size() == 1) {
        return sources_.front().get();
    }
    const auto found = std::find_if(sources_.begin(), sources_.end(),
                                    [&](const auto& source) { return source->options().name == name; });
    if (name.empty() || found == sources_.end()) {
        return Error{ErrorCode::not_found, name.empty() ? "there is more than one source, or none: name one"
                                                        : "there is no source of that name"};
    }
    return found->get();
}

}  // namespace majed::source
