// What an entry takes last: the interval of the float path, then the formula's parameters.
#pragma once

#include <c10/util/SmallVector.h>

#include <vector>

namespace nonlin {

struct Interval {
  double low = 1, high = 0; // none
};

// The intervals of one entry: measured with the default parameters, and over several others.
struct Intervals {
  Interval usual, any;
};

class Settings {
 public:
  Settings() = default;
  Settings(const Intervals& measured, const std::vector<double>& defaults, const std::vector<double>& parameters) {
    const Interval span = parameters == defaults ? measured.usual : measured.any;
    numbers_ = {span.low, span.high};
    numbers_.append(parameters.begin(), parameters.end());
  }
  const double* data() const { return numbers_.data(); }

 private:
  c10::SmallVector<double, 6> numbers_;
};

} // namespace nonlin
