// #region sdk
import { metrics, trace } from '@opentelemetry/api'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { detectResources, envDetector } from '@opentelemetry/resources'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { authSpans } from './auth-spans.mjs'
import { credentialMetrics } from './credential-metrics.mjs'

// OTEL_SERVICE_NAME is the name of the service. OTEL_EXPORTER_OTLP_ENDPOINT is the address of the collector, by default
// http://localhost:4318.
const resource = detectResources({ detectors: [envDetector] })
const spans = new BatchSpanProcessor(new OTLPTraceExporter())
const tracerProvider = new NodeTracerProvider({ resource, spanProcessors: [spans] })
tracerProvider.register()
const reader = new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter() })
const meterProvider = new MeterProvider({ resource, readers: [reader] })
metrics.setGlobalMeterProvider(meterProvider)

authSpans(trace.getTracer('@x/auth'))
credentialMetrics(metrics.getMeter('@x/auth'))

/** Call it before the process ends: it sends the remaining data. */
export const shutdown = () => Promise.all([tracerProvider.shutdown(), meterProvider.shutdown()])
// #endregion sdk
