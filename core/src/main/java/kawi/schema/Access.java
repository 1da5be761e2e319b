package kawi.schema;

import java.lang.reflect.AccessibleObject;
import org.jspecify.annotations.Nullable;

/** Whether records and methods of a user's module can be reached, and what to add to the module where they cannot. */
final class Access {

    private Access() {}

    /** Makes a constructor or method callable; false if its module does not allow that. */
    static boolean open(AccessibleObject member) {
        return member.trySetAccessible();
    }

    /** Why {@code owner} cannot be reached, and the line that changes it. */
    static String refusal(Class<?> owner) {
        return refusal(
                owner.getModule().getName(),
                owner.getPackageName(),
                Access.class.getModule().getName());
    }

    static String refusal(String module, String packageName, @Nullable String kawi) {
        return "module %s does not open its package; add \"opens %s%s;\" to its module-info.java"
                .formatted(module, packageName, kawi == null ? "" : " to " + kawi);
    }
}
