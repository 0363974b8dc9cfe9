#pragma once

namespace vivace::bench {

/// The value that a variable of Student's distribution with `degrees` > 0 of freedom stays below with `probability`
/// (0 < probability < 1); to 1e-9. Not whole degrees are allowed.
double student_quantile(double probability, double degrees);

}  // namespace vivace::bench
