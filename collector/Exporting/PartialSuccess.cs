using Google.Protobuf;
using Runtime.Hardening.Collector.Otlp;

namespace Runtime.Hardening.Collector.Exporting;

/// <summary>Reads Export{Metrics,Logs}ServiceResponse: only its partial success.</summary>
internal static class PartialSuccess
{
    internal static SendResult Read(byte[] response)
    {
        try
        {
            var outer = new CodedInputStream(response);
            long rejected = 0;
            string message = "";
            for (uint tag = outer.ReadTag(); tag != 0; tag = outer.ReadTag())
            {
                if (WireFormat.GetTagFieldNumber(tag) != FieldNumbers.Response.PartialSuccess)
                {
                    outer.SkipLastField();
                    continue;
                }

                CodedInputStream inner = outer.ReadBytes().CreateCodedInput();
                for (tag = inner.ReadTag(); tag != 0; tag = inner.ReadTag())
                {
                    switch (WireFormat.GetTagFieldNumber(tag))
                    {
                        case FieldNumbers.Response.Rejected:
                            rejected = inner.ReadInt64();
                            break;
                        case FieldNumbers.Response.Message:
                            message = inner.ReadString();
                            break;
                        default:
                            inner.SkipLastField();
                            break;
                    }
                }
            }

            return rejected == 0 && message.Length == 0 ? SendResult.Accepted : new(SendOutcome.Accepted, rejected, message);
        }
        catch (InvalidProtocolBufferException e)
        {
            // The receiver said yes; that its answer is garbled loses nothing.
            return new(SendOutcome.Accepted, 0, $"accepted, but the response is not protobuf ({e.Message})");
        }
    }
}
