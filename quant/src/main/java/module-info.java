/** Off-heap tensors, weight formats, kernels in tiers, worker pool. */
module kawi.quant {
    requires org.slf4j;
    requires static jdk.incubator.vector;
    requires static org.jspecify;

    exports kawi.compute to
            kawi.core;
    exports kawi.kernels to
            kawi.core;
    exports kawi.quant to
            kawi.core;
}
