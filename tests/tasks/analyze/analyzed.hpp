#pragma once

#include <string>
#include <utility>

#include "records/record.hpp"
#include "support/files.hpp"
#include "support/signals.hpp"
#include "support/temporary_folder.hpp"
#include "tasks/analyze/analyzer.hpp"
#include "tasks/analyze/features.hpp"

namespace vivace::test {

/// What one feature finds in a WAV file of tests/goldens/signals.py.
class Analyzed {
 public:
  Analyzed(const std::string& signal, const std::string& feature)
      : feature_(analyze::choose_features({feature}, {}).front()) {
    const TemporaryFolder folder;
    const auto path = folder / (signal + ".wav");
    write_text(path, golden_wav(signal));
    findings_ = analyze::analyze_file(path, {{feature_}, {}, 0}).findings.front();
  }

  template <typename Type>
  Type get(const std::string& field) const {
    for (std::size_t i = 0; i < feature_->fields.size(); ++i) {
      if (feature_->fields[i].name == field) return std::get<Type>(findings_.fields.at(i).value);
    }
    throw std::invalid_argument(field);
  }

 private:
  const analyze::FeatureInfo* feature_;
  analyze::Findings findings_;
};

}  // namespace vivace::test
