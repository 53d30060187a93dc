Function G(x)
  On Error Resume Next
  G = 1 \ x
  If Err.Number <> 0 Then G = Err.Description
  Err.Clear()
  Err.Raise(5, "a", "b")
End Function
Function F(Optional x = 0)
  On Error GoTo Failed
  F = 10 \ x
again:
  F &= G(x)
  Exit Function
Failed:
  Select Case Err.Number
    Case 11 : x = 1 : Resume
    Case 6 : Resume Next
    Case Else : Resume again
  End Select
  On Error GoTo -1
  On Error GoTo 0
End Function
