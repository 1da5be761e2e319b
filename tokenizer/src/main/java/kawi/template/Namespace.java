package kawi.template;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The only mutable value of a template: {@code set ns = namespace(count=0)}, then {@code set ns.count = ns.count + 1}.
 */
final class Namespace {

    final Map<String, Object> attributes = new LinkedHashMap<>();
}
