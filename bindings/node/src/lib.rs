//! The native library of the npm package: it links `graphbit-node` and chooses the global allocator.

use std::alloc::System;

use graphbit_memory::Tracking;

#[global_allocator]
static ALLOCATOR: Tracking<System> = Tracking::new(System);

const _: () = graphbit_node::link();
