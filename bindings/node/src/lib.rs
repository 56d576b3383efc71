//! The native library of the npm package: it links `graphbit-node` and chooses the global allocator.

#[cfg(not(feature = "untracked"))]
#[global_allocator]
static ALLOCATOR: graphbit_memory::Tracking<std::alloc::System> =
    graphbit_memory::Tracking::new(std::alloc::System);

const _: () = graphbit_node::link();
