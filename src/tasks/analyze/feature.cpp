#include "tasks/analyze/feature.hpp"

namespace vivace::analyze {

FieldValue number(double value) {
  FieldValue field;
  field.value = value;
  return field;
}

FieldValue none(const std::string& reason) {
  FieldValue field;
  field.reason = reason;
  return field;
}

}  // namespace vivace::analyze
