package kawi.template;

import java.util.LinkedHashMap;
import java.util.Map;

/** The one thing a template can change: {@code namespace(count=0)}, then {@code set ns.count = ns.count + 1}. */
final class Namespace {

    final Map<String, Object> attributes = new LinkedHashMap<>();
}
