package kawi.template;

/** A value that can be called: a macro, a global function or a method bound to its object. */
interface Callable {

    Object call(Arguments arguments);
}
