// Memory for large results, kept when a tensor ends and handed out again.
//
// The system's allocator gives the pages of a large block back and asks for them anew at the next step; the kernel then
// clears each page and maps it at its first touch, which takes longer than most activations. A block from here has its
// pages, and what the cache still holds of it is written again first. Blocks of 2 MiB and more ask for huge pages.
#pragma once

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <mutex>
#include <vector>

#if defined(__linux__)
#include <pthread.h>
#include <sys/mman.h>
#endif

namespace nonlin {

constexpr size_t kPooled = size_t(1) << 18; // bytes; below, the system's allocator keeps its pages itself
constexpr size_t kHuge = size_t(1) << 21;
constexpr size_t kStep = size_t(1) << 16; // sizes are rounded up to multiples of this, and to three digits of two
constexpr size_t kAlignment = 64;

class Pool final : public c10::Allocator {
 public:
  // One for the process, never destroyed: tensors may end after every static object has.
  static Pool& instance() {
    static Pool* pool = make_one();
    return *pool;
  }

  c10::DataPtr allocate(size_t bytes) override {
    const size_t step = std::max(kStep, std::bit_floor(bytes) / 8), rounded = (bytes + step - 1) / step * step;
    Block* block = take(rounded);
    if (block == nullptr) block = make(rounded);
    c10::profiledCPUMemoryReporter().New(block->memory, rounded);
    return {block->memory, block, &give_back, c10::Device(c10::DeviceType::CPU)};
  }

  void copy_data(void* to, const void* from, std::size_t count) const override { default_copy_data(to, from, count); }

  // Bytes that are kept while no tensor uses them, at most; what is over the limit is freed, the longest unused first.
  void set_limit(size_t bytes) {
    std::lock_guard<std::mutex> lock(mutex_);
    limit_ = bytes;
    shrink(limit_);
  }

  void clear() {
    std::lock_guard<std::mutex> lock(mutex_);
    shrink(0);
  }

  size_t kept() {
    std::lock_guard<std::mutex> lock(mutex_);
    return kept_;
  }

 private:
  // A fork waits until no other thread is in the middle of a change, and the child finds the lock open.
  static Pool* make_one() {
#if defined(__linux__)
    pthread_atfork([] { instance().mutex_.lock(); }, [] { instance().mutex_.unlock(); }, [] { instance().mutex_.unlock(); });
#endif
    return new Pool;
  }

  struct Block {
    void* memory;
    size_t size;
  };

  Block* take(size_t size) {
    std::lock_guard<std::mutex> lock(mutex_);
    for (size_t i = free_.size(); i-- > 0;) { // the last one given back is the likeliest to be in a cache
      if (free_[i]->size != size) continue;
      Block* block = free_[i];
      free_.erase(free_.begin() + static_cast<std::ptrdiff_t>(i));
      kept_ -= size;
      return block;
    }
    return nullptr;
  }

  static Block* make(size_t size) {
    void* memory = nullptr;
    const int failed = posix_memalign(&memory, size < kHuge ? kAlignment : kHuge, size);
    TORCH_CHECK_WITH(OutOfMemoryError, failed == 0, "nonlin: not enough memory for a result of ", size, " bytes");
#if defined(__linux__)
    if (size >= kHuge) madvise(memory, size, MADV_HUGEPAGE); // advice: whether it is taken does not matter
#endif
    return new Block{memory, size};
  }

  static void give_back(void* given) {
    auto* block = static_cast<Block*>(given);
    c10::profiledCPUMemoryReporter().Delete(block->memory);
    Pool& pool = instance();
    std::lock_guard<std::mutex> lock(pool.mutex_);
    if (block->size > pool.limit_) return release(block);
    pool.shrink(pool.limit_ - block->size);
    pool.free_.push_back(block);
    pool.kept_ += block->size;
  }

  void shrink(size_t limit) {
    size_t gone = 0;
    for (; kept_ > limit; gone++) {
      kept_ -= free_[gone]->size;
      release(free_[gone]);
    }
    free_.erase(free_.begin(), free_.begin() + static_cast<std::ptrdiff_t>(gone));
  }

  static void release(Block* block) {
    free(block->memory);
    delete block;
  }

  std::mutex mutex_;
  std::vector<Block*> free_; // in the order in which they were given back
  size_t kept_ = 0, limit_ = 0;
};

} // namespace nonlin
