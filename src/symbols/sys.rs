//! The memory, the stack and the time of C code that parses, as far as only unsafe code can bound them.
//!
//! tree-sitter asks a callback every hundred steps whether to go on. Between two questions it may still allocate, call
//! itself or loop for as long as a text makes it, it ends the process if it gets no memory, and nothing can unwind through
//! its frames. So it runs on a thread of its own (`parse_thread`), whose [`Meter`] counts every block that tree-sitter
//! holds. A thread that exceeds its bounds is *parked*: it waits inside a signal handler for ever and never runs a further
//! instruction of the parser, so that another thread may take back its blocks and its stack. What remains of it is its
//! entry in the kernel and a few pages.
//!
//! Three ways lead there, none of which may hold a lock of the C library, because nobody would release it:
//! - our allocator, called by tree-sitter, sees that a bound is exceeded;
//! - the guard page of the stack is hit by C code, outside of our allocator, which demands some free stack on entry;
//! - the owner's signal interrupts C code that neither allocates nor asks: only while the next instruction is one of this
//!   program, not of the C library.
//!
//! The alternatives were a process of its own for each parse, which needs `fork`, that confinement denies, and jumping out
//! of the allocator, which would skip frames of Rust.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::mem;
use std::process;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU8, AtomicUsize, Ordering, compiler_fence};
use std::sync::{Arc, OnceLock};
use tree_sitter::Allocator;

/// Stack that is left for the allocator and for signal handlers, in bytes.
pub(super) const RESERVE: usize = 128 << 10;
/// Upper end of a stack that is kept when it is taken back: the thread's own variables lie there.
const TOP: usize = 256 << 10;
/// How far from the low end of a stack a fault counts as its overflow.
const NEAR: usize = 64 << 10;

/// What a parse had too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Excess {
    Memory,
    Depth,
    Time,
}

/// A block of tree-sitter's memory, before the bytes that it knows.
#[repr(C, align(16))]
struct Block {
    /// Whose block it is; null if it is nobody's and lives on.
    meter: *const Meter,
    /// Bytes, this header included.
    size: usize,
    before: *mut Block,
    after: *mut Block,
}

const HEAD: usize = size_of::<Block>();

/// What one parse thread uses, and how it ended if it exceeded its bounds.
#[derive(Default)]
pub(super) struct Meter {
    used: AtomicUsize,
    /// Bytes beyond which the allocator parks the thread.
    most: AtomicUsize,
    blocks: AtomicPtr<Block>,
    /// 0 while it runs, otherwise why it was parked.
    parked: AtomicU8,
    /// Why it parks itself at the next signal; 0 if it does not.
    wants_to_park: AtomicU8,
    /// The owner asks it to park in the allocator.
    must_park: AtomicBool,
    /// C code runs that holds no lock of ours.
    is_in_c: AtomicBool,
    /// The low and the high end of its stack.
    low: AtomicUsize,
    high: AtomicUsize,
    thread: AtomicUsize,
}

thread_local! {
    /// The meter of this thread; null on every thread that does not parse.
    static METER: Cell<*const Meter> = const { Cell::new(ptr::null()) };
}

fn current<'a>() -> Option<&'a Meter> {
    let meter = METER.get();
    // SAFETY: the thread that set it holds the meter until it sets it back; see `Metered`.
    unsafe { meter.as_ref() }
}

/// Makes this thread one whose use of memory is counted, until it is dropped.
pub(super) struct Metered(Arc<Meter>);

impl Metered {
    pub(super) fn begin(meter: Arc<Meter>) -> Self {
        let (low, high) = stack();
        meter.low.store(low, Ordering::Relaxed);
        meter.high.store(high, Ordering::Relaxed);
        // SAFETY: it takes nothing and cannot fail.
        let thread = unsafe { libc::pthread_self() };
        meter.thread.store(thread as usize, Ordering::Release);
        METER.set(Arc::as_ptr(&meter));
        Self(meter)
    }

    pub(super) fn meter(&self) -> &Arc<Meter> {
        &self.0
    }
}

impl Drop for Metered {
    fn drop(&mut self) {
        METER.set(ptr::null());
    }
}

/// Runs what makes blocks that live on: they are not counted and never taken back.
pub(super) fn unmetered<T>(work: impl FnOnce() -> T) -> T {
    let meter = METER.replace(ptr::null());
    let made = work();
    METER.set(meter);
    made
}

impl Meter {
    /// Returns the bytes that tree-sitter holds.
    pub(super) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// Begins a parse: the allocator parks the thread beyond so many bytes more than are held now.
    pub(super) fn allow(&self, more: usize) {
        self.must_park.store(false, Ordering::Relaxed);
        let most = self.used().saturating_add(more);
        self.most.store(most, Ordering::Release);
    }

    /// Runs C code that may be parked wherever it is.
    pub(super) fn run_c<T>(&self, work: impl FnOnce() -> T) -> T {
        self.is_in_c.store(true, Ordering::Release);
        let done = work();
        self.is_in_c.store(false, Ordering::Release);
        done
    }

    /// Runs Rust code that C code calls: it must not be parked.
    pub(super) fn leave_c<T>(&self, work: impl FnOnce() -> T) -> T {
        // Only this thread's own signal handler reads it: the order of the program is enough, and a locked instruction
        // for every block of the parser would cost more than the block.
        let was = self.is_in_c.load(Ordering::Relaxed);
        self.is_in_c.store(false, Ordering::Relaxed);
        compiler_fence(Ordering::SeqCst);
        let done = work();
        compiler_fence(Ordering::SeqCst);
        self.is_in_c.store(was, Ordering::Relaxed);
        done
    }

    /// Returns why the thread was parked; nothing if it runs.
    pub(super) fn parked(&self) -> Option<Excess> {
        excess(self.parked.load(Ordering::Acquire))
    }

    /// Asks the thread to park when it allocates next.
    pub(super) fn ask_to_park(&self) {
        self.must_park.store(true, Ordering::Release);
    }

    /// Parks the thread where it is, if it is in C code of this program. It may be called again and again.
    pub(super) fn interrupt(&self) {
        let thread = self.thread.load(Ordering::Acquire);
        if thread != 0 {
            // SAFETY: the owner calls this while it waits for the thread, which therefore has not ended.
            unsafe { libc::pthread_kill(thread as libc::pthread_t, signal()) };
        }
    }

    /// Takes back the memory of a parked thread.
    pub(super) fn reclaim(&self) {
        if self.parked().is_none() {
            return;
        }
        let mut block = self.blocks.swap(ptr::null_mut(), Ordering::AcqRel);
        while !block.is_null() {
            // SAFETY: the list holds the blocks that `take` made and `give_back` did not free, and the only thread
            // that changed it never runs again.
            unsafe {
                let after = (*block).after;
                libc::free(block.cast());
                block = after;
            }
        }
        self.used.store(0, Ordering::Relaxed);
        let page = 4096;
        let low = self.low.load(Ordering::Relaxed).next_multiple_of(page);
        let high = self.high.load(Ordering::Relaxed).saturating_sub(TOP) / page * page;
        if low != 0 && low < high {
            // SAFETY: the thread waits in a handler on its other stack and never returns to this one. The range lies
            // within the mapping of its stack, below what the C library keeps at its top.
            unsafe {
                libc::madvise(low as *mut c_void, high - low, libc::MADV_DONTNEED);
                libc::mprotect(low as *mut c_void, high - low, libc::PROT_NONE);
            }
        }
    }

    /// Returns if the thread may take so many bytes more; it is parked otherwise.
    fn admit(&self, more: usize) {
        if self.must_park.load(Ordering::Relaxed) {
            self.park(Excess::Time);
        }
        if self.used().saturating_add(more) > self.most.load(Ordering::Relaxed) {
            self.park(Excess::Memory);
        }
        let here = 0_u8;
        let here = &raw const here as usize;
        if here.saturating_sub(self.low.load(Ordering::Relaxed)) < RESERVE {
            self.park(Excess::Depth);
        }
    }

    /// Stops this thread for ever. The handler does it, which runs on another stack.
    fn park(&self, why: Excess) -> ! {
        self.wants_to_park.store(code(why), Ordering::Release);
        // SAFETY: a signal to this thread, whose handler is ours.
        unsafe { libc::raise(signal()) };
        self.wait(why)
    }

    fn wait(&self, why: Excess) -> ! {
        self.parked.store(code(why), Ordering::Release);
        loop {
            // SAFETY: it only waits.
            unsafe { libc::pause() };
        }
    }

    /// # Safety
    /// The block must be one of `take`'s, in no list, and this thread's.
    unsafe fn link(&self, block: *mut Block) {
        let first = self.blocks.load(Ordering::Relaxed);
        // SAFETY: the block is whole, and so is the first one of the list.
        unsafe {
            (*block).before = ptr::null_mut();
            (*block).after = first;
            if !first.is_null() {
                (*first).before = block;
            }
            // Nobody else writes it while this thread runs.
            let used = self.used().wrapping_add((*block).size);
            self.used.store(used, Ordering::Relaxed);
        }
        self.blocks.store(block, Ordering::Release);
    }

    /// # Safety
    /// The block must be in this list, and this thread's.
    unsafe fn unlink(&self, block: *mut Block) {
        // SAFETY: all blocks of the list are whole.
        unsafe {
            let Block {
                before,
                after,
                size,
                ..
            } = *block;
            if before.is_null() {
                self.blocks.store(after, Ordering::Release);
            } else {
                (*before).after = after;
            }
            if !after.is_null() {
                (*after).before = before;
            }
            let used = self.used().wrapping_sub(size);
            self.used.store(used, Ordering::Relaxed);
        }
    }
}

fn code(excess: Excess) -> u8 {
    excess as u8 + 1
}

fn excess(code: u8) -> Option<Excess> {
    let all = [Excess::Memory, Excess::Depth, Excess::Time];
    all.get(usize::from(code).checked_sub(1)?).copied()
}

/// Takes a block of so many bytes.
fn take(size: usize, is_zeroed: bool) -> *mut c_void {
    let meter = current();
    let Some(whole) = size.checked_add(HEAD) else {
        return out_of_memory(meter);
    };
    let make = || {
        if let Some(meter) = meter {
            meter.admit(whole);
        }
        // SAFETY: any size may be asked for.
        let block: *mut Block = unsafe {
            if is_zeroed {
                libc::calloc(1, whole)
            } else {
                libc::malloc(whole)
            }
        }
        .cast();
        if block.is_null() {
            return out_of_memory(meter);
        }
        let head = Block {
            meter: meter.map_or(ptr::null(), ptr::from_ref),
            size: whole,
            before: ptr::null_mut(),
            after: ptr::null_mut(),
        };
        // SAFETY: the block is as long as its head and aligned as the C library aligns everything, and it is new.
        unsafe {
            block.write(head);
            if let Some(meter) = meter {
                meter.link(block);
            }
            block.add(1).cast()
        }
    };
    match meter {
        Some(meter) => meter.leave_c(make),
        None => make(),
    }
}

fn out_of_memory(meter: Option<&Meter>) -> *mut c_void {
    match meter {
        Some(meter) => meter.park(Excess::Memory),
        // Nothing but a grammar's table is made elsewhere; the caller could not go on.
        None => process::abort(),
    }
}

unsafe extern "C" fn allocate(size: usize) -> *mut c_void {
    take(size, false)
}

unsafe extern "C" fn allocate_zeroed(count: usize, size: usize) -> *mut c_void {
    match count.checked_mul(size) {
        Some(size) => take(size, true),
        None => out_of_memory(current()),
    }
}

unsafe extern "C" fn reallocate(from: *mut c_void, size: usize) -> *mut c_void {
    if from.is_null() {
        return take(size, false);
    }
    let meter = current();
    // SAFETY: what tree-sitter holds was returned by `take`, and both blocks are as long as their heads say.
    unsafe {
        let block = from.cast::<Block>().sub(1);
        if let Some(meter) = meter.filter(|meter| ptr::eq((*block).meter, *meter)) {
            let Some(whole) = size.checked_add(HEAD) else {
                return out_of_memory(Some(meter));
            };
            return meter.leave_c(|| grow(meter, block, whole));
        }
        let to = take(size, false);
        let old = (*block).size - HEAD;
        ptr::copy_nonoverlapping(from.cast::<u8>(), to.cast(), old.min(size));
        give_back(from);
        to
    }
}

/// Changes the size of a block, in place if the C library can.
///
/// # Safety
/// The block must be in the list of this thread's meter.
unsafe fn grow(meter: &Meter, block: *mut Block, whole: usize) -> *mut c_void {
    // SAFETY: the block is whole and leaves the list before it may move; the C library keeps its bytes.
    unsafe {
        let old = (*block).size;
        meter.admit(whole.saturating_sub(old));
        meter.unlink(block);
        let moved: *mut Block = libc::realloc(block.cast(), whole).cast();
        if moved.is_null() {
            meter.link(block);
            return out_of_memory(Some(meter));
        }
        (*moved).size = whole;
        meter.link(moved);
        moved.add(1).cast()
    }
}

unsafe extern "C" fn give_back(from: *mut c_void) {
    if from.is_null() {
        return;
    }
    let meter = current();
    // SAFETY: what tree-sitter holds was returned by `take`.
    let free = || unsafe {
        let block = from.cast::<Block>().sub(1);
        match ((*block).meter.is_null(), meter) {
            (true, _) => libc::free(block.cast()),
            (false, Some(meter)) if ptr::eq((*block).meter, meter) => {
                meter.admit(0);
                meter.unlink(block);
                libc::free(block.cast());
            }
            // Another thread's list must not be touched. It cannot happen: what a parse thread makes stays there.
            (false, _) => {}
        }
    };
    match meter {
        Some(meter) => meter.leave_c(free),
        None => free(),
    }
}

/// Returns the signal by which a thread is parked.
fn signal() -> c_int {
    libc::SIGRTMIN() + 6
}

/// What handled a fault before.
static BEFORE: OnceLock<libc::sigaction> = OnceLock::new();

/// Makes tree-sitter use our allocator and installs the handlers, once. To be called before anything of tree-sitter is.
pub(super) fn install() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        let ours = Allocator {
            malloc: allocate,
            calloc: allocate_zeroed,
            realloc: reallocate,
            free: give_back,
        };
        // SAFETY: the four belong together, never return null and align as the C library does; nothing of tree-sitter
        // was made before, because every way to it comes through here.
        unsafe { tree_sitter::set_allocator(Some(ours)) };
        handle(signal());
        if let Some(before) = handle(libc::SIGSEGV) {
            let _ = BEFORE.set(before);
        }
    });
}

/// Installs our handler; returns the one before.
fn handle(signal: c_int) -> Option<libc::sigaction> {
    // SAFETY: the structures are plain data for which zeros are valid, and the handler only does what may be done in one.
    unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        let mut before: libc::sigaction = mem::zeroed();
        action.sa_sigaction = on_signal as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESTART;
        libc::sigfillset(&raw mut action.sa_mask);
        (libc::sigaction(signal, &raw const action, &raw mut before) == 0).then_some(before)
    }
}

extern "C" fn on_signal(number: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    if let Some(meter) = current() {
        let is_in_c = meter.is_in_c.load(Ordering::Acquire);
        if number == libc::SIGSEGV {
            // SAFETY: the kernel says where the fault was.
            let at = unsafe { (*info).si_addr() } as usize;
            if is_in_c && at.abs_diff(meter.low.load(Ordering::Relaxed)) < NEAR {
                meter.wait(Excess::Depth);
            }
        } else if let Some(why) = excess(meter.wants_to_park.load(Ordering::Acquire)) {
            meter.wait(why);
        } else if is_in_c && is_ours(context) {
            meter.wait(Excess::Time);
        }
    }
    if number == libc::SIGSEGV
        && let Some(before) = BEFORE.get()
    {
        // SAFETY: the instruction is run again and faults again, now for the handler that was there before.
        unsafe { libc::sigaction(libc::SIGSEGV, before, ptr::null_mut()) };
    }
}

/// Returns whether a signal interrupted code of this program, not of the C library.
fn is_ours(context: *mut c_void) -> bool {
    unsafe extern "C" {
        static __executable_start: u8;
        static etext: u8;
    }
    // SAFETY: the kernel passes the state of the interrupted thread.
    let state = unsafe { &(*context.cast::<libc::ucontext_t>()).uc_mcontext };
    #[cfg(target_arch = "x86_64")]
    let at = state.gregs[libc::REG_RIP as usize] as usize;
    #[cfg(target_arch = "aarch64")]
    let at = state.pc as usize;
    // Elsewhere such a thread is left alone.
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let at = 0;
    let (from, to) = (
        &raw const __executable_start as usize,
        &raw const etext as usize,
    );
    (from..to).contains(&at)
}

/// Returns the low and the high end of this thread's stack.
fn stack() -> (usize, usize) {
    // SAFETY: the structure is filled in by the first call and given back by the last.
    unsafe {
        let mut attributes: libc::pthread_attr_t = mem::zeroed();
        if libc::pthread_getattr_np(libc::pthread_self(), &raw mut attributes) != 0 {
            return (0, 0);
        }
        let (mut low, mut size) = (ptr::null_mut(), 0);
        let known = libc::pthread_attr_getstack(&raw const attributes, &raw mut low, &raw mut size);
        libc::pthread_attr_destroy(&raw mut attributes);
        if known == 0 {
            (low as usize, low as usize + size)
        } else {
            (0, 0)
        }
    }
}
