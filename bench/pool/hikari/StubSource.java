// SPDX-License-Identifier: Apache-2.0
import java.lang.reflect.Proxy;
import java.sql.Connection;
import javax.sql.DataSource;

/** Opens connections that are always healthy and cost nothing, so that only the pool is measured. */
final class StubSource {
    private StubSource() {}

    /** A proxy will do: it is asked only when a connection is opened. */
    static DataSource create() {
        return (DataSource) Proxy.newProxyInstance(StubSource.class.getClassLoader(), new Class<?>[] {DataSource.class},
            (self, method, arguments) -> {
                if (method.getReturnType() == Connection.class) return new StubConnection();
                if (method.getReturnType() == int.class) return 0;
                return method.getReturnType() == boolean.class ? Boolean.FALSE : null;
            });
    }
}
